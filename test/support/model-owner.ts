import { createStoreChain } from '../../src/core/chain/store-chain.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createLeaseKeeper } from '../../src/core/leases/lease-keeper.ts';
import { isSameHead } from '../../src/core/position.ts';
import type { SessionStore } from '../../src/core/store.ts';
import type { CopyState } from '../contract/sample-changes.ts';
import type { ModelOwner } from './chain-model.ts';
import { SESSION } from './chain-scene.ts';
import { createChainWriter } from './chain-writer.ts';
import { until } from './condition.ts';

/** Opens the session on a chain of real stores, by the clock on the wall. What it was given is closed with it. */
export async function openModelOwner(
  stores: readonly SessionStore[],
  excluded: readonly number[],
  deadlineMs: number,
): Promise<ModelOwner> {
  const deadline = { clock: systemClock, ms: deadlineMs };
  const chain = createStoreChain({
    stores: stores as [SessionStore, ...SessionStore[]],
    awaited: new Set(stores.map(({ name }) => name)),
    deadline,
    maxPendingBytes: 10_000,
    startWithoutStores: 'allow',
  });
  try {
    const keeper = createLeaseKeeper({ chain, holder: 'test', clock: systemClock });
    const { epoch } = await keeper.acquire(SESSION);
    const request = {
      sessionId: SESSION,
      epoch,
      excluded: excluded.flatMap(place => stores[place]?.name ?? []),
      onFenced: () => {},
    };
    const { head } = await chain.openSession(request);
    const writing = createChainWriter(chain, { sessionId: SESSION, epoch, head, deadline });
    return {
      ...writing,
      chain,
      epoch,
      openedAt: head,
      close: () => chain.closeSession(SESSION),
      crash() {
        writing.writer.close(new Error('the process died'));
        chain.abandonSession(SESSION);
        return chain.close();
      },
    };
  } catch (error) {
    await chain.close();
    throw error;
  }
}

/** Waits until all stores hold the same. */
export async function expectSameCopies(
  states: () => Promise<readonly (CopyState | undefined)[]>,
): Promise<void> {
  await until('all stores hold the same', async () => areSame(await states()), 20_000);
}

const areSame = ([one, ...others]: readonly (CopyState | undefined)[]): boolean =>
  others.every(other => one !== undefined && other !== undefined && isSameCopy(one, other));

const isSameCopy = (one: CopyState, other: CopyState): boolean =>
  isSameHead(one.head, other.head) &&
  JSON.stringify(Object.entries(one.values).sort()) === JSON.stringify(Object.entries(other.values).sort());
