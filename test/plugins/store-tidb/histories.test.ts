import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StoreError } from '../../../src/core/errors.ts';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { createMemoryStore } from '../../contract/memory-store.ts';
import { changeOf, headAt, replacementOf, stateOf, tombstoneOf } from '../../contract/sample-changes.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { openCuttingProxy } from './cutting-proxy.ts';
import { useTidbScene } from './tidb-scene.ts';
import { optionsFor, withServer } from './tidb-store-subject.ts';

const RUNS = Number(process.env.HISTORY_RUNS ?? 25);
const name = fc.constantFrom('creds', 'k1', 'k2', 'K1');
const text = fc.string({ maxLength: 12 });

/** Numbers are offsets from where the model stands; `writer` is the client, and its fence stays its own. */
const step = fc.record({
  kind: fc.constantFrom('change', 'change', 'change', 'change', 'claim', 'replace', 'delete', 'repeat'),
  writer: fc.constantFrom(0, 1),
  fence: fc.constantFrom(0, 0, 0, 1, -1),
  base: fc.constantFrom(0, 0, 0, 0, -1, 1),
  revisions: fc.integer({ min: 1, max: 3 }),
  history: fc.constantFrom('main', 'main', 'main', 'fork'),
  values: fc.dictionary(name, fc.option(text, { nil: undefined, freq: 3 }), { noNullPrototype: true }),
  lost: fc.constantFrom(undefined, undefined, 'COMMIT', '"revision":', 'FOR UPDATE', 'START TRANSACTION'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Call = (store: SessionStore) => Promise<void>;

const ID = 'personal';

/** The call a step stands for, now that the model stands where it stands. */
async function callOf(given: Step, model: SessionStore): Promise<Call> {
  const stands = await model.readHead(ID);
  const fence = Math.max(1, (stands?.fence ?? 0) + given.fence);
  const base = {
    epoch: Math.min(stands?.epoch ?? ORIGIN.epoch, fence),
    revision: Math.max(0, (stands?.revision ?? ORIGIN.revision) + given.base),
  };
  const head = headAt(fence, base.revision + given.revisions, given.history);
  if (given.kind === 'claim' && stands) {
    const own = { epoch: stands.epoch, revision: stands.revision, digest: stands.digest };
    const claim = changeOf(ID, ORIGIN, own, given.values, { fence: fence + 1, complete: given.base === 0 });
    return store => store.applyChange(claim);
  }
  if (given.kind === 'delete') return store => store.replaceSession(tombstoneOf(ID, head));
  if (given.kind === 'replace') {
    const kept = Object.entries(given.values).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    );
    const replacement = replacementOf(ID, head, Object.fromEntries(kept), { fence });
    return store => store.replaceSession(replacement);
  }
  const change = changeOf(ID, base, head, given.values, { fence });
  return store => store.applyChange(change);
}

const outcomeOf = (call: Promise<void>): Promise<string> =>
  call.then(
    () => 'done',
    error => (error instanceof StoreError ? error.code : `${error}`),
  );

async function snapshot(store: SessionStore) {
  const state = await stateOf(store, ID);
  return state && { ...state, head: { ...state.head, createdAt: 0, updatedAt: 0 } };
}

describeWithSql('two clients of the tidb store, whose answers get lost', service => {
  const scene = useTidbScene(service);

  it('agree with the model after every step of any history', { timeout: 120_000 }, async () => {
    const { host, port } = optionsFor(service, '');
    const proxy = await openCuttingProxy({ host, port });
    const through = { host: '127.0.0.1', port: proxy.port };
    const clients = await Promise.all([scene.open(through), scene.open(through)]);
    const [first, second] = clients as [SessionStore, SessionStore];
    try {
      const run = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async steps => {
        await withEmptyTables(first);
        const model = createMemoryStore();
        let last: Call | undefined;
        for (const given of steps) {
          const call: Call = given.kind === 'repeat' && last ? last : await callOf(given, model);
          last = call;
          if (given.lost) proxy.loseAnswerTo(given.lost);
          const outcome = await outcomeOf(call(given.writer ? second : first));
          expect(outcome).toBe(await outcomeOf(call(model)));
          expect(await snapshot(given.writer ? first : second)).toEqual(await snapshot(model));
        }
      });
      await fc.assert(run, { numRuns: RUNS });
    } finally {
      await Promise.all(clients.map(client => client.close()));
      await proxy.close();
    }
  });

  /** What the clients know of the head before is wrong afterwards, which must not matter. */
  async function withEmptyTables(client: SessionStore): Promise<void> {
    await client.probe();
    await withServer(service, connection =>
      connection.query(`DELETE FROM ${scene.database}.sessiongraph_entries`),
    );
  }
});
