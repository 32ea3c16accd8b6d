import type { SessionStore } from '../../src/core/store.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { testSessionStore } from './session-store.ts';

const disks = new WeakMap<SessionStore, MemoryDisk>();

function openOn(disk: MemoryDisk): SessionStore {
  const store = createMemoryStore({ disk });
  disks.set(store, disk);
  return store;
}

const diskOf = (store: SessionStore): MemoryDisk => disks.get(store) ?? createMemoryDisk();

testSessionStore('the memory store', {
  issuesLeases: true,
  open: async () => openOn(createMemoryDisk()),
  reopen: async store => {
    await store.close();
    return openOn(diskOf(store));
  },
  destroy: store => store.close(),
  damage: async (store, sessionId) => {
    const { copies } = diskOf(store);
    const copy = copies.get(sessionId);
    if (copy) copies.set(sessionId, { ...copy, damaged: true });
    return store;
  },
});
