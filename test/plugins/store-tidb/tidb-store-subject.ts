import { randomBytes } from 'node:crypto';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { SessionStore } from '../../../src/core/store.ts';
import { openTidbStore, type TidbStoreOptions } from '../../../src/plugins/store-tidb/index.ts';
import type { StoreSubject } from '../../contract/session-store.ts';
import type { SqlService } from '../../support/sql-services.ts';

export const newDatabase = (): string => `sg_test_${randomBytes(6).toString('hex')}`;

export function optionsFor({ url }: SqlService, database: string): TidbStoreOptions {
  return {
    name: 'tidb',
    host: url.hostname,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    tls: 'off',
  };
}

/** Behind the back of the store. */
export async function withServer<T>(
  service: SqlService,
  task: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { host, port, user, password } = optionsFor(service, '');
  const connection = await createConnection({ host, port, user, password });
  try {
    return await task(connection);
  } finally {
    await connection.end();
  }
}

export const dropDatabase = (service: SqlService, database: string): Promise<unknown> =>
  withServer(service, connection => connection.query(`DROP DATABASE IF EXISTS ${database}`));

/** As if that time had passed. */
export const ageLeases = (service: SqlService, database: string, ms: number): Promise<void> =>
  withServer(service, async connection => {
    const table = `${database}.sessiongraph_leases`;
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT sid FROM ${table} WHERE ends_at > 0`);
    const age = `UPDATE ${table} SET ends_at = ends_at - ? WHERE sid = ? AND ends_at > 0`;
    // One by one: a statement over all of them would meet the stores in deadlocks.
    for (const { sid } of rows) await connection.query(age, [ms, sid]);
  });

/** A store in a database of its own for every test. */
export function tidbStoreSubject(service: SqlService): StoreSubject {
  const databases = new WeakMap<SessionStore, string>();
  const databaseOf = (store: SessionStore) => databases.get(store) ?? '';
  const openIn = async (database: string) => {
    const store = await openTidbStore(optionsFor(service, database));
    databases.set(store, database);
    return store;
  };
  return {
    issuesLeases: true,
    passTime: (store, ms) => ageLeases(service, databaseOf(store), ms),
    histories: 10,
    open: () => openIn(newDatabase()),
    reopen: async store => {
      await store.close();
      return openIn(databaseOf(store));
    },
    destroy: async store => {
      await store.close();
      await dropDatabase(service, databaseOf(store));
    },
    damage: async (store, sessionId) => {
      await store.close();
      const database = databaseOf(store);
      await withServer(service, connection =>
        connection.query(
          `UPDATE ${database}.sessiongraph_entries SET value = REPLACE(value, '"revision":', '"revision":9')
          WHERE generation = 0 AND sid = ?`,
          [Buffer.from(sessionId)],
        ),
      );
      return openIn(database);
    },
  };
}
