import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StoreError } from '../../../src/core/errors.ts';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { createMemoryDisk, createMemoryStore } from '../../contract/memory-store.ts';
import { changeOf, headAt, replacementOf, stateOf, tombstoneOf } from '../../contract/sample-changes.ts';
import { describeWithService } from '../../support/services.ts';
import { createInterruptedDocuments } from './interrupted-documents.ts';
import { dropDatabase, newDatabaseUri, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const RUNS = Number(process.env.HISTORY_RUNS ?? 25);

const step = fc.record({
  kind: fc.constantFrom('change', 'change', 'change', 'merged', 'claim', 'replace', 'delete', 'repeat'),
  owner: fc.constantFrom(0, 1),
  fence: fc.constantFrom(0, 0, 0, 1, -1),
  base: fc.constantFrom(0, 0, 0, -1),
  values: fc.dictionary(
    fc.constantFrom('creds', 'k1', 'k2', 'k3'),
    fc.option(fc.string({ maxLength: 4 }), { nil: undefined }),
    { noNullPrototype: true },
  ),
  /** The operation of the store that goes wrong; most go well. */
  breakAt: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 2, nil: undefined }),
  how: fc.constantFrom('not-done' as const, 'answer-lost' as const),
  isCrash: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Call = (store: SessionStore) => Promise<void>;

async function callOf(given: Step, model: SessionStore): Promise<Call> {
  const stands = (await model.readHead(ID)) ?? { ...ORIGIN, fence: 0, digest: '' };
  const fence = Math.max(1, stands.fence + given.fence);
  const base = { epoch: Math.min(stands.epoch, fence), revision: Math.max(0, stands.revision + given.base) };
  const head = headAt(fence, base.revision + (given.kind === 'merged' ? 3 : 1));
  const { epoch, revision, digest } = stands;
  // Of a copy that is absent nobody can see whether it was claimed.
  if (given.kind === 'claim' && stands.revision > 0)
    return store =>
      store.applyChange(changeOf(ID, stands, { epoch, revision, digest }, {}, { fence: fence + 1 }));
  if (given.kind === 'delete') return store => store.replaceSession(tombstoneOf(ID, head));
  if (given.kind === 'replace') {
    const kept = Object.entries(given.values).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    return store => store.replaceSession(replacementOf(ID, head, Object.fromEntries(kept), { fence }));
  }
  return store => store.applyChange(changeOf(ID, base, head, given.values, { fence }));
}

const outcomeOf = (call: Promise<void>): Promise<string> =>
  call.then(
    () => 'done',
    error => (error instanceof StoreError ? error.code : `${error}`),
  );

const seen = async (store: SessionStore) => {
  const state = await stateOf(store, ID);
  return state && { ...state, head: { ...state.head, createdAt: 0, updatedAt: 0 } };
};

/** A store on a line that breaks, and what is left of those that crashed. */
function createOwner(uri: string) {
  const zombies: SessionStore[] = [];
  let line = createInterruptedDocuments();
  let store: Promise<SessionStore> | undefined;
  const open = () => {
    line = createInterruptedDocuments();
    return openMongo(uri, { intercept: line.intercept, foldAfter: { changes: 3, idleMs: 100_000 } });
  };
  return {
    async run(call: Call, { breakAt, how, isCrash }: Step): Promise<string> {
      store ??= open();
      const used = await store;
      if (breakAt !== undefined) line.breakAt(breakAt, how);
      const outcome = await outcomeOf(call(used));
      line.heal();
      if (outcome === 'STORE_UNAVAILABLE' && isCrash) {
        zombies.push(used);
        store = undefined;
      }
      return outcome;
    },
    async close() {
      for (const zombie of zombies) await zombie.close();
      await (await store)?.close();
    },
  };
}

describeWithService('mongodb', 'the mongo store with two owners and lines that break', () => {
  it('holds all of a change or none of it, and agrees with the model', {
    timeout: 30_000 + RUNS * 4000,
  }, async () => {
    const run = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 20 }), async steps => {
      const uri = newDatabaseUri();
      const disk = createMemoryDisk();
      const model = createMemoryStore({ disk });
      const owners = [createOwner(uri), createOwner(uri)];
      const observer = await openMongo(uri);
      let last: Call = store => store.probe();
      try {
        for (const given of steps) {
          const call = given.kind === 'repeat' ? last : await callOf(given, model);
          last = call;
          const before = new Map(disk.copies);
          const outcome = await owners[given.owner]?.run(call, given);
          const state = await seen(observer);
          if (outcome === 'STORE_UNAVAILABLE') {
            // Nobody knows whether it happened; but it did or it did not.
            const unchanged = await seen(model);
            await outcomeOf(call(model));
            const changed = await seen(model);
            expect([unchanged, changed]).toContainEqual(state);
            if (!isDeepStrictEqual(state, changed)) {
              disk.copies.clear();
              for (const [id, copy] of before) disk.copies.set(id, copy);
            }
          } else {
            expect(outcome).toBe(await outcomeOf(call(model)));
            expect(state).toEqual(await seen(model));
          }
        }
        for (const owner of owners) await owner.close();
        expect(await seen(observer)).toEqual(await seen(model));
      } finally {
        for (const owner of owners) await owner.close();
        await observer.close();
        await dropDatabase(uri);
      }
    });
    await fc.assert(run, { numRuns: RUNS });
  });
});
