import type { SessionStore } from '../../src/core/store.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { type StoreSubject, testSessionStore } from './session-store.ts';

const disks = new WeakMap<SessionStore, MemoryDisk>();
const diskOf = (store: SessionStore): MemoryDisk => disks.get(store) ?? createMemoryDisk();

function subjectOf(openOn: (disk: MemoryDisk) => SessionStore): StoreSubject {
  const open = (disk: MemoryDisk) => {
    const store = openOn(disk);
    disks.set(store, disk);
    return store;
  };
  return {
    issuesLeases: true,
    open: async () => open(createMemoryDisk()),
    reopen: async store => {
      await store.close();
      return open(diskOf(store));
    },
    destroy: store => store.close(),
    damage: async (store, sessionId) => {
      const { copies } = diskOf(store);
      const copy = copies.get(sessionId);
      if (copy) copies.set(sessionId, { ...copy, damaged: true });
      return store;
    },
  };
}

testSessionStore(
  'the memory store',
  subjectOf(disk => createMemoryStore({ disk })),
);

let now = Date.now();
testSessionStore('the memory store that many servers share', {
  ...subjectOf(disk => createMemoryStore({ disk, clock: { now: () => now }, leaseLifetimeMs: 15_000 })),
  passTime: async (_, ms) => {
    now += ms;
  },
});
