import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Head, ORIGIN, type Position, type SessionStore } from '../../../src/core/store.ts';
import { openTidbStore } from '../../../src/plugins/store-tidb/index.ts';
import { changeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { type DatabaseServer, startDatabase } from '../../support/database-server.ts';
import { describeWithOwnServer } from '../../support/services.ts';

const ROUNDS = 30;

// There a transaction locks no place that is empty, and a statement that reads before it writes locks nothing unless told.
describeWithOwnServer('mariadb', 'two clients of the tidb store, where READ COMMITTED is the default', () => {
  let server: DatabaseServer;
  let stores: SessionStore[];
  beforeAll(async () => {
    server = await startDatabase('mariadb', { parameters: ['--transaction-isolation=READ-COMMITTED'] });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const place = { host: '127.0.0.1', port: server.port, user: 'root', password: '', database: 'shop' };
    const open = () => openTidbStore({ name: 'tidb', ...place, tls: 'off' });
    stores = await Promise.all([open(), open()]);
    await Promise.all(stores.map(store => store.probe()));
  });
  afterEach(() => Promise.all(stores.map(store => store.close())));

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

  it('law 1: of two first changes exactly one lands, and of two changes upon one head, whatever the isolation', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = `session-${round}`;
      const first = await race(id, ORIGIN, 1);
      // Now both know the head, so that each sends the one guarded statement.
      for (const store of stores) await store.applyChange(changeOf(id, ORIGIN, first, {}));
      await race(id, first, 2);
    }
  });
});
