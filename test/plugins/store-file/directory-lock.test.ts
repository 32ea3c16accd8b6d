import { readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireDirectoryLock, DirectoryHeld } from '../../../src/plugins/store-file/directory-lock.ts';
import { newDirectory } from './file-store-subject.ts';

describe('the lock of a directory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await newDirectory();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is given to one of many that all see each other', async () => {
    for (let round = 0; round < 5; round += 1) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => acquireDirectoryLock(folder)),
      );
      const locks = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const refusals = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(locks).toHaveLength(1);
      expect(refusals.every(refusal => refusal instanceof DirectoryHeld)).toBe(true);
      expect(await readdir(folder)).toHaveLength(1);
      await Promise.all(locks.map(lock => lock.release()));
      expect(await readdir(folder)).toEqual([]);
    }
  });
});
