import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { type CopyState, stateOf } from '../../contract/sample-changes.ts';
import type { ModelScene } from '../../support/chain-model.ts';
import type { Fault, Loss } from '../../support/chain-plans.ts';
import { SESSION } from '../../support/chain-scene.ts';
import { expectSameCopies, openModelOwner } from '../../support/model-owner.ts';
import { createFaultyFileSystem } from './faulty-file-system.ts';
import { damageLog, newDirectory } from './file-store-subject.ts';

const DEADLINE_MS = 1_000;

/** Several file stores, each on a disk of its own that fails when it is told to. Every opening reads what is on it. */
export async function createFilesScene(count: number): Promise<ModelScene & { close(): Promise<void> }> {
  const disks = await Promise.all(Array.from({ length: count }, (_, number) => openDisk(`disk-${number}`)));
  const diskAt = (place: number) => disks[place] as Disk;
  const states = () => Promise.all(disks.map(disk => disk.state()));
  return {
    deadlineMs: DEADLINE_MS,
    advance: async () => {},
    states,

    async openOwner(excluded) {
      // Not one beside the other: where one fails, none of them may be left open.
      const stores: SessionStore[] = [];
      try {
        for (const disk of disks) stores.push(await disk.open());
      } catch (error) {
        await Promise.all(stores.map(store => store.close()));
        throw error;
      }
      return openModelOwner(stores, excluded, DEADLINE_MS);
    },

    strike: async (fault, place) => diskAt(place).strike(fault),
    lose: (loss, place, writes) => diskAt(place).lose(loss, writes),
    comeRight() {
      for (const disk of disks) disk.strike('up');
    },
    expectConverged: () => expectSameCopies(states),
    async close() {
      await Promise.all(disks.map(disk => disk.remove()));
    },
  };
}

interface Disk {
  open(): Promise<SessionStore>;
  state(): Promise<CopyState | undefined>;
  strike(fault: Fault): void;
  lose(loss: Loss, writes: number): Promise<void>;
  remove(): Promise<void>;
}

/** What the next operations of a kind end with, and how many of them. */
const FAULTS: Partial<Record<Fault, readonly [operation: string, code: string, times: number]>> = {
  full: ['write', 'ENOSPC', 2],
  // It was written, and may be there after all.
  'lose-answer': ['sync', 'EIO', 1],
  hang: ['renameFile', 'EIO', 1],
};

async function openDisk(name: string): Promise<Disk> {
  const directory = await newDirectory();
  const backups: string[] = [];
  const { fs, failWhen, writeAtMost } = createFaultyFileSystem();
  let lastDigest: string | undefined;
  let isDown = false;
  let ordered: { operation: string; code: string }[] = [];
  let open: SessionStore | undefined;

  failWhen((operation, _number, path) => {
    // A server starts where its sessions can't be read; where its folder can't, it does not.
    if (isDown && path.includes('/sessions/')) return 'EIO';
    const at = ordered.findIndex(fault => fault.operation === operation);
    return at < 0 ? undefined : ordered.splice(at, 1)[0]?.code;
  });

  async function keepBackup(): Promise<void> {
    const backup = await newDirectory();
    await cp(directory, backup, { recursive: true, filter: path => !path.endsWith('lock') });
    backups.push(backup);
  }

  async function openStore(): Promise<SessionStore> {
    const store = await openFileStore({ name, directory, fs });
    open = store;
    const { head } = (await stateOf(store, SESSION).catch(() => undefined)) ?? {};
    if (head && head.digest !== lastDigest) await keepBackup();
    lastDigest = head?.digest ?? lastDigest;
    return {
      ...store,
      async close() {
        open = undefined;
        await store.close();
      },
    };
  }

  async function lookFromOutside(): Promise<CopyState | undefined> {
    const store = await openFileStore({ name, directory });
    return stateOf(store, SESSION).finally(() => store.close());
  }

  return {
    open: openStore,
    state: () => (open ? stateOf(open, SESSION) : lookFromOutside()).catch(() => undefined),

    strike(fault) {
      const [operation, code, times = 0] = FAULTS[fault] ?? [];
      if (operation && code) ordered.push(...Array(times).fill({ operation, code }));
      if (fault === 'down') isDown = true;
      if (fault === 'slow') writeAtMost(7);
      if (fault !== 'up') return;
      isDown = false;
      ordered = [];
      writeAtMost(Number.POSITIVE_INFINITY);
    },

    async lose(loss, writes) {
      if (loss === 'damage') return damageLog(directory, SESSION).catch(() => {});
      await rm(join(directory, '.sessiongraph'), { recursive: true, force: true });
      const older = loss === 'older-backup' && backups.at(-writes);
      if (older) await cp(older, directory, { recursive: true });
    },

    async remove() {
      await Promise.all([directory, ...backups].map(path => rm(path, { recursive: true, force: true })));
    },
  };
}
