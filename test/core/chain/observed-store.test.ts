import { expect, it } from 'vitest';
import { observeStore, type StoreCall } from '../../../src/core/chain/observed-store.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createMemoryStore } from '../../contract/memory-store.ts';

it('tells of every call of the contract, leases and streams included, and changes none', async () => {
  const calls: StoreCall[] = [];
  const plain = createMemoryStore();
  const store = observeStore(plain, systemClock, call => calls.push(call));
  const lease = await store.leases?.acquireLease({ sessionId: 'shop', holder: 'one', above: 0 });
  expect(await store.readHead('shop')).toBeUndefined();
  for await (const _ of store.listSessions());
  await store.probe();
  if (lease) await store.leases?.releaseLease(lease);
  await store.close();
  await expect(store.readHead('shop')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  expect(calls.map(({ call, error }) => [call, error?.code])).toEqual([
    ['acquireLease', undefined],
    ['readHead', undefined],
    ['listSessions', undefined],
    ['probe', undefined],
    ['releaseLease', undefined],
    ['readHead', 'STORE_CLOSED'],
  ]);
  expect(calls.every(({ store: name, ms }) => name === plain.name && ms >= 0)).toBe(true);
});
