import { expect } from 'vitest';
import { createStoreChain, type StoreChain } from '../../src/core/chain/store-chain.ts';
import type { StoreError } from '../../src/core/errors.ts';
import type { Head } from '../../src/core/store.ts';
import type { SessionWriter } from '../../src/core/vault/session-writer.ts';
import { createFaultyStore, type FaultyStore } from '../contract/faulty-store.ts';
import { stateOf, type Values } from '../contract/sample-changes.ts';
import { createChainWriter } from './chain-writer.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export const SESSION = 'shop';
export const DEADLINE_MS = 1_000;

/** Whoever runs the session: a chain of its own over the shared stores, the lease, and the one queue of changes. */
export interface Owner {
  readonly chain: StoreChain;
  readonly epoch: number;
  readonly openedAt: Head;
  readonly isPossiblyBehind: boolean;
  readonly writer: SessionWriter;
  readonly fenced: StoreError[];
  /** Texts by entry name; undefined deletes. */
  write(values: Values): Promise<void>;
  values(names: readonly string[]): Promise<Record<string, string>>;
  close(): Promise<void>;
  /** As a process that dies: nothing is flushed, nothing given back. */
  crash(): void;
}

export interface ChainScene {
  readonly clock: FakeClock;
  readonly stores: readonly FaultyStore[];
  readonly store: (place: number) => FaultyStore;
  openOwner(options?: OwnerOptions): Promise<Owner>;
  /** Fails where the stores do not all hold the same history and the same entries. */
  expectConverged(): Promise<void>;
}

export interface OwnerOptions {
  readonly excluded?: readonly string[];
  /** Who has ended, and whose process this one lives in. */
  readonly after?: Owner;
}

export interface ChainSceneOptions {
  readonly names?: readonly [string, ...string[]];
  /** All of them where nothing is said. */
  readonly awaited?: readonly string[];
  readonly maxPendingBytes?: number;
  readonly startWithoutStores?: 'allow' | 'refuse';
}

export function createChainScene(options: ChainSceneOptions = {}): ChainScene {
  const { names = ['first', 'second'], awaited = names, maxPendingBytes = 10_000 } = options;
  const { startWithoutStores = 'allow' } = options;
  const clock = createFakeClock();
  const deadline = { clock, ms: DEADLINE_MS };
  const [first, ...others] = names.map(name => createFaultyStore(name, { clock }));
  if (!first) throw new Error('a chain has at least one store');
  const stores = [first, ...others] as const;

  const createChain = () =>
    createStoreChain({
      stores: [first as FaultyStore, ...others],
      awaited: new Set(awaited),
      deadline,
      maxPendingBytes,
      startWithoutStores,
    });

  async function openOwner({ excluded = [], after }: OwnerOptions = {}): Promise<Owner> {
    const chain = after?.chain ?? createChain();
    const fenced: StoreError[] = [];
    const { epoch } = await chain.leases.acquireLease({ sessionId: SESSION, holder: 'test', above: 0 });
    const onFenced = (error: StoreError) => void fenced.push(error);
    const request = { sessionId: SESSION, epoch, excluded, onFenced };
    const { head: openedAt, isPossiblyBehind } = await chain.openSession(request);
    const writing = createChainWriter(chain, { sessionId: SESSION, epoch, head: openedAt, deadline });
    return {
      chain,
      epoch,
      openedAt,
      isPossiblyBehind,
      ...writing,
      fenced,
      close: () => chain.closeSession(SESSION),
      crash() {
        writing.writer.close(new Error('the process died'));
        chain.abandonSession(SESSION);
      },
    };
  }

  async function expectConverged(): Promise<void> {
    const [reference, ...rest] = await Promise.all(stores.map(store => stateOf(store, SESSION)));
    for (const state of rest) {
      expect(state?.values).toEqual(reference?.values);
      expect(placeOf(state?.head)).toEqual(placeOf(reference?.head));
    }
  }

  return {
    clock,
    stores,
    store: place => stores[place] ?? first,
    openOwner,
    expectConverged,
  };
}

function placeOf(head: Head | undefined) {
  return head && { epoch: head.epoch, revision: head.revision, digest: head.digest };
}
