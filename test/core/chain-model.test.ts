import fc from 'fast-check';
import { expect, it } from 'vitest';
import { comparePositions } from '../../src/core/position.ts';
import { ORIGIN, type Position } from '../../src/core/store.ts';
import { stateOf } from '../contract/sample-changes.ts';
import {
  type ChainScene,
  createChainScene,
  DEADLINE_MS,
  type Owner,
  SESSION,
} from '../support/chain-scene.ts';
import { settled } from '../support/fake-clock.ts';

const KEYS = ['a', 'b', 'c'];
const MINUTE = 60_000;

type Step =
  | { readonly kind: 'write'; readonly key: string; readonly deletes: boolean }
  | { readonly kind: 'down' | 'up' | 'hang' | 'lose-answer' | 'wipe'; readonly place: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'crash' };

/** What may be found of an entry: the last acknowledged value, or one that was tried after it. */
type Allowed = Map<string, Array<string | undefined>>;

function createModel(scene: ChainScene) {
  const allowed: Allowed = new Map(KEYS.map(key => [key, [undefined]]));
  let owner: Owner | undefined;
  let acknowledged: Position = ORIGIN;
  let counter = 0;

  async function open(): Promise<void> {
    const opening = scene.openOwner().catch(() => undefined);
    await scene.clock.advance(DEADLINE_MS * 4);
    owner = await opening;
    if (owner) await check(owner);
  }

  async function check(current: Owner): Promise<void> {
    expect(comparePositions(current.openedAt, acknowledged)).toBeGreaterThanOrEqual(0);
    const reading = current.values(KEYS).catch(() => undefined);
    await scene.clock.advance(DEADLINE_MS * 2);
    const values = await reading;
    if (!values) return;
    for (const key of KEYS) {
      expect(allowed.get(key)).toContain(values[key]);
      // What was found now is the truth: nothing that was tried before may turn up later.
      allowed.set(key, [values[key]]);
    }
  }

  async function write(key: string, text: string | undefined): Promise<void> {
    if (!owner) return;
    allowed.get(key)?.push(text);
    const writing = owner.write({ [key]: text }).then(
      () => true,
      () => false,
    );
    const { head } = owner.writer;
    const at = head();
    await scene.clock.advance(DEADLINE_MS * 2);
    if (await writing) {
      acknowledged = at;
      allowed.set(key, [text]);
    } else await crash();
  }

  async function crash(): Promise<void> {
    owner?.crash();
    owner = undefined;
    await open();
  }

  /** A disk may be lost while the others have everything, and not a second one before it is filled again. */
  async function wipe(place: number): Promise<void> {
    const states = await Promise.all(
      scene.stores.map(store => stateOf(store, SESSION).catch(() => undefined)),
    );
    const digests = new Set(states.map(state => state?.head.digest));
    if (digests.size > 1 || digests.has(undefined)) return;
    owner?.crash();
    owner = undefined;
    scene.store(place).wipe();
    await open();
  }

  async function apply(step: Step): Promise<void> {
    switch (step.kind) {
      case 'write':
        return write(step.key, step.deletes ? undefined : `v${++counter}`);
      case 'down':
        return scene.store(step.place).goDown();
      case 'up':
        return scene.store(step.place).comeUp();
      case 'hang':
        return scene.store(step.place).hangNext('applyChange');
      case 'lose-answer':
        return scene.store(step.place).loseAnswerOfNext('applyChange', 2);
      case 'wipe':
        return wipe(step.place);
      case 'time':
        return scene.clock.advance(step.ms);
      case 'crash':
        return crash();
    }
  }

  /** Everything is up again: the session opens, and all stores come to hold the same. */
  async function heal(): Promise<void> {
    for (const store of scene.stores) store.comeUp();
    await scene.clock.advance(MINUTE);
    await crash();
    // Faults that were ordered and did not strike yet may still cost an attempt or two.
    for (let i = 0; i < 20 && allowed.get('a')?.join() !== 'last'; i += 1) {
      if (!owner) await open();
      await write('a', 'last');
    }
    await scene.clock.advance(MINUTE);
    expect(allowed.get('a')).toEqual(['last']);
    await scene.expectConverged();
    owner?.crash();
    await settled();
  }

  return { open, apply, heal };
}

function steps(stores: number): fc.Arbitrary<Step[]> {
  const place = fc.nat(stores - 1);
  const fault = fc.constantFrom('down', 'up', 'up', 'hang', 'lose-answer', 'wipe' as const);
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('write'),
        key: fc.constantFrom(...KEYS),
        deletes: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fault, place }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('time'), ms: fc.nat(10_000) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'crash' }) },
  );
  return fc.array(step as fc.Arbitrary<Step>, { minLength: 5, maxLength: 25 });
}

it.each([[['first', 'second']], [['first', 'second', 'third']]] as const)(
  'over %j nothing acknowledged is ever missing, positions never go back, and all stores converge',
  async names => {
    await fc.assert(
      fc.asyncProperty(steps(names.length), async plan => {
        const model = createModel(createChainScene({ names: [...names] as [string, ...string[]] }));
        await model.open();
        for (const step of plan) await model.apply(step);
        await model.heal();
      }),
      { numRuns: 60 },
    );
  },
);
