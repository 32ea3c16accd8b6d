import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Head, ORIGIN, type Position, type SessionStore } from '../../../src/core/store.ts';
import { openTidbStore } from '../../../src/plugins/store-tidb/index.ts';
import { changeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { type DatabaseServer, startDatabase } from '../../support/database-server.ts';
import { describeWithOwnServer } from '../../support/services.ts';

const ROUNDS = 30;
/**
 * READ COMMITTED: a transaction locks no place that is empty, and a statement that reads before it writes locks nothing
 * unless told. No strict mode: what is NULL, and must not be, is written as if it had been empty.
 */
const LOOSE = ['--transaction-isolation=READ-COMMITTED', '--sql-mode='];

describeWithOwnServer('mariadb', 'two clients of the tidb store, where the defaults are loose', () => {
  let server: DatabaseServer;
  let stores: SessionStore[];
  const sent: string[] = [];
  beforeAll(async () => {
    server = await startDatabase('mariadb', { parameters: LOOSE });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const place = { host: '127.0.0.1', port: server.port, user: 'root', password: '', database: 'shop' };
    const onStatement = (statement: string) => sent.push(statement);
    // Or who claims a copy that somebody claimed meanwhile would change its head, and the two would not know the same one.
    const clock = { now: () => 0 };
    const open = () => openTidbStore({ name: 'tidb', ...place, tls: 'off', clock, onStatement });
    stores = await Promise.all([open(), open()]);
    await Promise.all(stores.map(store => store.probe()));
  });
  afterEach(() => Promise.all(stores.map(store => store.close())));

  async function onServer(statement: string): Promise<void> {
    const connection = await createConnection(server.url);
    await connection.query(statement).finally(() => connection.end());
  }

  /** Both write at once; the head of the one that landed, whole, and alone. */
  async function race(id: string, base: Position, revision: number): Promise<Head> {
    const heads = ['left', 'right'].map(who => headAt(1, revision, who));
    const outcomes = await Promise.allSettled(
      heads.map(async (head, place) => {
        const values = { a: head.digest, b: head.digest, [head.digest]: 'own' };
        await stores[place]?.applyChange(changeOf(id, base, head, values));
      }),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = heads[outcomes.findIndex(({ status }) => status === 'fulfilled')] as Head;
    const values = await valuesOf(stores[0] as SessionStore, id);
    expect(values).toMatchObject({ a: winner.digest, b: winner.digest, [winner.digest]: 'own' });
    expect(Object.keys(values ?? {})).toHaveLength(revision + 2);
    return winner;
  }

  /** Of two first changes, and of two upon a head that both know, so that each sends the one guarded statement. */
  async function raceTwice(id: string): Promise<void> {
    const first = await race(id, ORIGIN, 1);
    for (const store of stores) await store.applyChange(changeOf(id, ORIGIN, first, {}));
    sent.length = 0;
    await race(id, first, 2);
    // That of the loser, who asks why not.
    expect(sent.filter(statement => statement === 'START TRANSACTION')).toHaveLength(1);
  }

  it('law 1: of two first changes exactly one lands, and of two changes upon one head', async () => {
    for (let round = 0; round < ROUNDS; round += 1) await raceTwice(`session-${round}`);
  });

  it('law 1: a change upon a head that is gone lands nowhere', async () => {
    const [store] = stores as [SessionStore];
    const change = (revision: number) =>
      changeOf('emptied', revision === 1 ? ORIGIN : headAt(1, revision - 1), headAt(1, revision), {
        creds: `${revision}`,
      });
    // The third is the first that is prepared.
    for (const written of [1, 2, 3]) {
      for (let revision = 1; revision <= written; revision += 1) await store.applyChange(change(revision));
      await onServer('DELETE FROM shop.sessiongraph_entries');
      await expect(store.applyChange(change(written + 1))).rejects.toMatchObject({ code: 'STORE_STALE' });
      await expect(store.readHead('emptied')).resolves.toBeUndefined();
    }
  });

  describe('and the server prepares no statements any more', () => {
    beforeAll(() => onServer('SET GLOBAL max_prepared_stmt_count = 0'));
    afterAll(() => onServer('SET GLOBAL max_prepared_stmt_count = DEFAULT'));

    it('law 1: of two changes upon one head exactly one lands, as text', async () => {
      for (const round of [1, 2, 3, 4]) await raceTwice(`unprepared-${round}`);
    });
  });
});
