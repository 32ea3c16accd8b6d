import { expect } from 'vitest';
import type { StoreChain } from '../../src/core/chain/store-chain.ts';
import { tombstone } from '../../src/core/chain/tombstone.ts';
import { comparePositions, isSameHead, nextHead } from '../../src/core/position.ts';
import { type Head, ORIGIN, type Position } from '../../src/core/store.ts';
import type { SessionWriter } from '../../src/core/vault/session-writer.ts';
import { type CopyState, sealed, type Values } from '../contract/sample-changes.ts';
import { type Fault, KEYS, type Loss, type Step } from './chain-plans.ts';
import { SESSION } from './chain-scene.ts';
import { settled } from './fake-clock.ts';

/** A chain over stores that a test can spoil. */
export interface ModelScene {
  /** How long a call takes at most. */
  readonly deadlineMs: number;
  /** `excluded`: places of stores that must not hold the session. */
  openOwner(excluded: readonly number[]): Promise<ModelOwner>;
  /** Lets time pass; does nothing where it passes by itself. */
  advance(ms: number): Promise<void>;
  strike(fault: Fault, place: number): Promise<void>;
  /** While nobody runs the session. `writes`: how much older the backup is. */
  lose(loss: Loss, place: number, writes: number): Promise<void>;
  /** Resolves to what puts back what the store has now, under whoever runs the session; absent where that can't be. */
  backUp?(place: number): Promise<() => Promise<void>>;
  states(): Promise<readonly (CopyState | undefined)[]>;
  comeRight(): void;
  /** Fails where the stores do not come to hold the same. */
  expectConverged(): Promise<void>;
}

export interface ModelOwner {
  readonly chain: StoreChain;
  readonly epoch: number;
  readonly openedAt: Head;
  readonly writer: SessionWriter;
  write(values: Values): Promise<void>;
  values(names: readonly string[]): Promise<Record<string, string>>;
  close(): Promise<void>;
  crash(): void | Promise<void>;
}

const MINUTE = 60_000;
const ATTEMPTS = 20;
/** What may be found of an entry: the last acknowledged value, or one that was tried after it. */
type Allowed = Map<string, Array<string | undefined>>;

/** Plays the plan, and holds what is found at every opening against what was acknowledged. */
export async function playModel(scene: ModelScene, plan: readonly Step[]): Promise<void> {
  const allowed: Allowed = new Map(KEYS.map(key => [key, [undefined]]));
  let owner: ModelOwner | undefined;
  let acknowledged: Position = ORIGIN;
  let counter = 0;
  let excluded: readonly number[] = [];

  async function open(): Promise<void> {
    const opening = scene.openOwner(excluded).catch(() => undefined);
    await scene.advance(scene.deadlineMs * 4);
    owner = await opening;
    if (owner) await check(owner);
  }

  async function check(current: ModelOwner): Promise<void> {
    expect(comparePositions(current.openedAt, acknowledged)).toBeGreaterThanOrEqual(0);
    const reading = current.values(KEYS).catch(() => undefined);
    await scene.advance(scene.deadlineMs * 2);
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
    const writing = owner.write({ [key]: text });
    const at = owner.writer.head();
    if (await inTime(writing)) {
      acknowledged = at;
      allowed.set(key, [text]);
    } else await crash();
  }

  /** Other entries in the place of all: what a restore does. `text` undefined: a tombstone in the place of all. */
  async function replaceAll(text: string | undefined): Promise<void> {
    if (!owner) return;
    const { writer, chain, epoch } = owner;
    const at = nextHead(writer.head(), epoch, text === undefined ? [] : [{ name: 'a', value: sealed(text) }]);
    for (const key of KEYS) allowed.get(key)?.push(key === 'a' ? text : undefined);
    const replacing: Promise<unknown> =
      text === undefined
        ? chain.deleteSession(SESSION, at)
        : writer.replace([{ name: 'a', value: sealed(text) }]);
    const isReplaced = await inTime(replacing);
    if (isReplaced) {
      acknowledged = at;
      for (const key of KEYS) allowed.set(key, [key === 'a' ? text : undefined]);
    }
    if (text === undefined || !isReplaced) await crash();
  }

  /** What one store has takes the place of what all have, however old it is: a restore that accepts that. */
  async function restoreFrom(place: number): Promise<void> {
    const states = await scene.states();
    const found = states[place];
    if (!owner || !found || found.head.deleted) return;
    const { writer } = owner;
    const entries = Object.entries(found.values).map(([name, text]) => ({ name, value: sealed(text) }));
    for (const key of KEYS) allowed.get(key)?.push(found.values[key]);
    const at = nextHead(writer.head(), owner.epoch, entries);
    const restored = await inTime(writer.replace(entries));
    if (!restored) return crash();
    acknowledged = at;
    for (const key of KEYS) allowed.set(key, [found.values[key]]);
  }

  /** As a deletion that names stores: those that stay have everything first, and it is noted before they are told. */
  async function exclude(places: readonly number[]): Promise<void> {
    const states = await scene.states();
    const staying = states.filter((_, place) => !places.includes(place) && !excluded.includes(place));
    const head = owner?.writer.durableHead();
    if (!owner || !head || !staying.some(state => state && isSameHead(state.head, head))) return;
    await owner.crash();
    owner = undefined;
    excluded = places;
    await open();
    for (const place of places) await forget(place);
  }

  async function forget(place: number): Promise<void> {
    if (!owner) return;
    const { chain, epoch, writer } = owner;
    const deletion = { sessionId: SESSION, epoch, head: writer.durableHead(), complete: false };
    const telling = async () => {
      const store = chain.stores[place];
      const head = await store?.readHead(SESSION);
      if (head && !head.deleted) await store?.replaceSession(tombstone(deletion));
    };
    await inTime(telling());
  }

  /** Whether it came to a good end while time went by. */
  async function inTime(doing: Promise<unknown>): Promise<boolean> {
    const outcome = doing.then(
      () => true,
      () => false,
    );
    await scene.advance(scene.deadlineMs * 2);
    return outcome;
  }

  async function crash(): Promise<void> {
    await owner?.crash();
    owner = undefined;
    await open();
  }

  /** A disk may be lost while the others have everything, and not a second one before it is filled again. */
  async function loseDisk(loss: Loss, place: number, writes = 0): Promise<void> {
    const states = await scene.states();
    const holders = [...states.keys()].filter(holder => !excluded.includes(holder));
    const digests = new Set(holders.map(holder => states[holder]?.head.digest));
    if (digests.size > 1 || digests.has(undefined) || holders.join() === `${place}`) return;
    await owner?.crash();
    owner = undefined;
    await scene.lose(loss, place, writes);
    // Faults that were ordered may cost an attempt or two. Left unfilled, an older backup could not be told from the
    // newest copy as soon as the only better one is away.
    for (let attempt = 0; attempt < ATTEMPTS && !owner; attempt += 1) await open();
  }

  /** Whoever closes a session leaves nothing behind that its successor could not believe. */
  async function putBackAndClose(place: number, writes: number): Promise<void> {
    scene.comeRight();
    await scene.advance(MINUTE);
    // The base is not asked again: what it has is what the session reads.
    if (!owner || !scene.backUp || excluded.length > 0 || place === 0) return;
    const putBack = await scene.backUp(place);
    for (let count = 0; count < writes; count += 1) await write('b', `v${++counter}`);
    const states = await scene.states();
    const isSettled = states.every(state => state && isSameHead(state.head, states[0]?.head ?? state.head));
    if (!owner || !isSettled) return;
    await putBack();
    const closing = owner.close();
    await scene.advance(MINUTE);
    await closing;
    owner = undefined;
    await scene.expectConverged();
    for (const state of await scene.states()) expect(state?.head.complete).toBe(true);
    await open();
  }

  async function apply(step: Step): Promise<void> {
    switch (step.kind) {
      case 'write':
        return write(step.key, step.deletes ? undefined : `v${++counter}`);
      case 'wipe':
      case 'damage':
        return loseDisk(step.kind, step.place);
      case 'older-backup':
        return loseDisk('older-backup', step.place, step.writes);
      case 'backup-then-close':
        return putBackAndClose(step.place, step.writes);
      case 'restore':
        return replaceAll(`v${++counter}`);
      case 'delete':
        return replaceAll(undefined);
      case 'restore-from':
        return restoreFrom(step.place);
      case 'exclude':
        return exclude(step.places);
      case 'time':
        return scene.advance(step.ms);
      case 'crash':
        return crash();
      default:
        return scene.strike(step.kind, step.place);
    }
  }

  /** Everything is up again: the session opens, and all stores come to hold the same. */
  async function heal(): Promise<void> {
    scene.comeRight();
    excluded = [];
    await scene.advance(MINUTE);
    await crash();
    // Faults that were ordered and did not strike yet may still cost an attempt or two.
    for (let attempt = 0; attempt < ATTEMPTS && allowed.get('a')?.join() !== 'last'; attempt += 1) {
      if (!owner) await open();
      await write('a', 'last');
    }
    await scene.advance(MINUTE);
    expect(allowed.get('a')).toEqual(['last']);
    await scene.expectConverged();
    await owner?.crash();
    await settled();
  }

  await open();
  for (const step of plan) await apply(step);
  await heal();
}
