import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { SessionStore } from '../../src/core/store.ts';
import { openMongoStore } from '../../src/plugins/store-mongo/index.ts';
import { openTidbStore } from '../../src/plugins/store-tidb/index.ts';

/** A new database on a real server, which nobody else uses. */
export interface Database {
  /** Its word in STORES. */
  readonly store: 'mongo' | 'tidb';
  readonly serverPort: number;
  /** Where a server finds it; through a proxy where a port is given. */
  environment(port?: number): Record<string, string>;
  open(how?: OpenedDatabase): Promise<SessionStore>;
  /** All that is in it, names and values, byte by byte. */
  dump(): Promise<Buffer>;
  drop(): Promise<void>;
}

export interface OpenedDatabase {
  /** Of a proxy before the server. */
  readonly port?: number;
  /** How long the store waits for a connection or an answer; as a server would where it is missing. */
  readonly patienceMs?: number;
  readonly clock?: { now(): number };
}

export function createDatabase(url: string): Database {
  return url.startsWith('mongodb') ? createMongoDatabase(new URL(url)) : createSqlDatabase(new URL(url));
}

const newName = () => `sessiongraph_test_${randomBytes(6).toString('hex')}`;

function createMongoDatabase(server: URL): Database {
  const serverPort = Number(server.port || 27_017);
  const database = newName();
  const uriAt = (port: number) => {
    const uri = new URL(server);
    uri.port = String(port);
    uri.pathname = `/${database}`;
    return uri.href;
  };

  async function onDatabase<T>(use: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = new MongoClient(uriAt(serverPort));
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  return {
    store: 'mongo',
    serverPort,
    environment: (port = serverPort) => ({ MONGODB_URI: uriAt(port) }),
    open: ({ port = serverPort, patienceMs, clock } = {}) =>
      openMongoStore({
        name: 'mongo',
        uri: uriAt(port),
        ...(clock && { clock }),
        ...(patienceMs !== undefined && {
          serverSelectionTimeoutMs: patienceMs,
          connectTimeoutMs: patienceMs,
          socketTimeoutMs: patienceMs,
          restMs: patienceMs / 10,
        }),
      }),
    dump: () =>
      onDatabase(async client => {
        const parts: Buffer[] = [];
        for (const { name } of await client.db().listCollections().toArray()) {
          parts.push(Buffer.from(name));
          for await (const raw of client.db().collection(name, { raw: true }).find()) {
            parts.push(raw as unknown as Buffer);
          }
        }
        return Buffer.concat(parts);
      }),
    drop: () => onDatabase(async client => void (await client.db().dropDatabase())),
  };
}

function createSqlDatabase(server: URL): Database {
  const serverPort = Number(server.port || 3306);
  const [user, password] = [decodeURIComponent(server.username), decodeURIComponent(server.password)];
  const database = newName();
  const host = server.hostname;
  const optionsAt = (port: number) => ({ host, port, user, password, database });

  async function onServer<T>(
    use: (query: (sql: string) => Promise<RowDataPacket[]>) => Promise<T>,
  ): Promise<T> {
    const connection = await createConnection({ host, port: serverPort, user, password });
    try {
      return await use(async sql => (await connection.query<RowDataPacket[]>(sql))[0]);
    } finally {
      await connection.end();
    }
  }

  return {
    store: 'tidb',
    serverPort,
    environment: (port = serverPort) => ({
      TIDB_HOST: host,
      TIDB_PORT: String(port),
      TIDB_USER: user,
      TIDB_PASSWORD: password,
      TIDB_DATABASE: database,
      TIDB_TLS: 'off',
    }),
    open: ({ port = serverPort, patienceMs, clock } = {}) =>
      openTidbStore({
        name: 'tidb',
        ...optionsAt(port),
        tls: 'off',
        ...(clock && { clock }),
        ...(patienceMs !== undefined && { connectTimeoutMs: patienceMs, statementTimeoutMs: patienceMs }),
      }),
    dump: () =>
      onServer(async query => {
        const parts: Buffer[] = [];
        const tables = await query(
          `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${database}'`,
        );
        for (const { name } of tables) {
          parts.push(Buffer.from(name));
          for (const row of await query(`SELECT * FROM \`${database}\`.\`${name}\``)) {
            for (const value of Object.values(row))
              parts.push(Buffer.isBuffer(value) ? value : Buffer.from(String(value)));
          }
        }
        return Buffer.concat(parts);
      }),
    drop: () => onServer(async query => void (await query(`DROP DATABASE IF EXISTS \`${database}\``))),
  };
}
