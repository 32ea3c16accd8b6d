import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { FILE_MAGIC } from '../../../src/plugins/store-file/log-frames.ts';
import { changeOf, headAt } from '../../contract/sample-changes.ts';
import { logOf, newDirectory } from './file-store-subject.ts';

export const ID = 'personal';
/** What the session holds after each of its changes. */
export const VALUES = [
  { creds: 'one', key: 'k'.repeat(40) },
  { creds: 'two', key: 'k'.repeat(40), more: 'm' },
  { creds: 'three', more: 'm' },
];

/** A session of three changes for every test: the first is in the snapshot, the others are frames of their own. */
export interface LogOfThree {
  readonly directory: string;
  readonly store: SessionStore;
  /** The path of the log. */
  readonly log: string;
  /** Opens the store again; `store` is that one from then on. */
  open(): Promise<SessionStore>;
  /** Closes the store, writes these bytes as the log, and opens it again. */
  reopenWith(bytes: Uint8Array): Promise<SessionStore>;
}

export function useLogOfThree(): LogOfThree {
  let directory: string;
  let store: SessionStore;
  const open = async () => {
    store = await openFileStore({ name: 'file', directory });
    return store;
  };
  beforeEach(async () => {
    directory = await newDirectory();
    await open();
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'one', key: 'k'.repeat(40) }));
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'two', more: 'm' }));
    await store.applyChange(changeOf(ID, headAt(1, 2), headAt(3, 3), { creds: 'three', key: undefined }));
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    get directory() {
      return directory;
    },
    get store() {
      return store;
    },
    get log() {
      return logOf(directory, ID);
    },
    open,
    async reopenWith(bytes) {
      await store.close();
      await writeFile(logOf(directory, ID), bytes);
      return open();
    },
  };
}

/** Where each frame begins, and the end. */
export function framesOf(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = FILE_MAGIC.length; at < bytes.length; at += 12 + bytes.readUInt32LE(at + 4)) starts.push(at);
  return [...starts, bytes.length];
}
