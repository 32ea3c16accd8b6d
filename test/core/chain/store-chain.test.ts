import { describe } from 'vitest';
import { createStoreChain } from '../../../src/core/chain/store-chain.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createMemoryStore } from '../../contract/memory-store.ts';
import { testSessionStore } from '../../contract/session-store.ts';

const deadline = { clock: systemClock, ms: 5_000 };

function openChain(awaited: readonly string[]) {
  const stores = ['first', 'second', 'third'].map(name => createMemoryStore({ name }));
  const [first, ...others] = stores;
  if (!first) throw new Error('a chain has at least one store');
  return createStoreChain({
    stores: [first, ...others],
    awaited: new Set(awaited),
    deadline,
    maxPendingBytes: 1 << 20,
    startWithoutStores: 'allow',
  });
}

describe.each([
  ['a chain that waits for all', ['first', 'second', 'third']],
  ['a chain whose followers lag', []],
])('%s', (name, awaited) => {
  testSessionStore(name, {
    issuesLeases: true,
    members: ['first', 'second', 'third'],
    open: async () => openChain(awaited),
    destroy: store => store.close(),
  });
});
