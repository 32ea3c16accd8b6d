import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StoreError } from '../../src/core/errors.ts';
import { ORIGIN, type SessionStore } from '../../src/core/store.ts';
import { createMemoryStore } from './memory-store.ts';
import { changeOf, headAt, replacementOf, stateOf, tombstoneOf, type Values } from './sample-changes.ts';
import type { StoreSubject } from './session-store.ts';

const IDS = ['a', 'A', 'a.b'] as const;
const HISTORIES = 25;

/** Numbers are offsets from where the model stands, so that each refusal is met as often as each success. */
const target = {
  sessionId: fc.constantFrom(...IDS),
  fence: fc.integer({ min: -1, max: 2 }),
  base: fc.constantFrom(0, 0, 0, -1, 1),
  revisions: fc.integer({ min: 1, max: 2 }),
  history: fc.constantFrom('main', 'main', 'fork'),
};
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
const name = fc.constantFrom('creds', 'k1', 'k2', 'K1', 'k 3');

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      ...target,
      values: fc.dictionary(name, fc.option(text, { nil: undefined }), { noNullPrototype: true }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('replace' as const),
      ...target,
      values: fc.dictionary(name, text, { noNullPrototype: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), ...target }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Call = (store: SessionStore) => Promise<void>;

/** The call a step stands for, now that the model stands where it stands. */
async function callOf(given: Extract<Step, { fence: number }>, model: SessionStore): Promise<Call> {
  const { sessionId, kind, history } = given;
  const stands = await model.readHead(sessionId);
  const fence = Math.max(1, (stands?.fence ?? 0) + given.fence);
  const base = {
    epoch: Math.min(stands?.epoch ?? ORIGIN.epoch, fence),
    revision: Math.max(0, (stands?.revision ?? ORIGIN.revision) + given.base),
  };
  // A deletion is a change, so its digest is its own. A tombstone at the very head of a living copy is that of one store
  // that was told to forget the session, and for a chain no deletion (replacement-rules, chain-open.test).
  const digested = kind === 'delete' ? `${history}, deleted` : history;
  const head = headAt(fence, base.revision + given.revisions, digested);
  if (kind === 'change') {
    const change = changeOf(sessionId, base, head, given.values satisfies Values, { fence });
    return store => store.applyChange(change);
  }
  const replacement =
    kind === 'delete'
      ? tombstoneOf(sessionId, head)
      : replacementOf(sessionId, head, given.values, { fence });
  return store => store.replaceSession(replacement);
}

const outcomeOf = (call: Promise<void>): Promise<string> =>
  call.then(
    () => 'done',
    error => (error instanceof StoreError ? error.code : `${error}`),
  );

/** What two stores must agree on; times are each one's own. */
async function snapshot(store: SessionStore) {
  const states = await Promise.all(IDS.map(sessionId => stateOf(store, sessionId)));
  return states.map(state => state && { ...state, head: { ...state.head, createdAt: 0, updatedAt: 0 } });
}

export function testHistories(subject: StoreSubject): void {
  const runs = Number(process.env.HISTORY_RUNS ?? subject.histories ?? HISTORIES);
  it('agrees with the model after every step of any history', { timeout: 20_000 + runs * 400 }, async () => {
    const run = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async steps => {
      const model = createMemoryStore();
      let store = await subject.open();
      let last: Call | undefined;
      try {
        for (const given of steps) {
          if (given.kind === 'reopen') store = (await subject.reopen?.(store)) ?? store;
          else {
            const call: Call =
              given.kind === 'repeat' ? (last ?? (s => s.probe())) : await callOf(given, model);
            last = call;
            expect(await outcomeOf(call(store))).toBe(await outcomeOf(call(model)));
          }
          expect(await snapshot(store)).toEqual(await snapshot(model));
        }
      } finally {
        await subject.destroy(store);
      }
    });
    await fc.assert(run, { numRuns: runs });
  });
}
