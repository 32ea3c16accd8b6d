import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, replacementOf, valuesOf } from '../../contract/sample-changes.ts';
import { useFailingDisk } from './failing-disk.ts';
import { AFTER, ID, STEPS } from './write-steps.ts';

describe('the file store on a disk that fails', () => {
  const failing = useFailingDisk();

  it('goes on reading while the disk is full, and writing when it no longer is', async () => {
    const store = await failing.open();
    await STEPS[0]?.(store);
    failing.disk.failWhen(operation => (['write', 'createFile'].includes(operation) ? 'ENOSPC' : undefined));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await codeOf(Promise.resolve(STEPS[1]?.(store)))).toBe('STORE_UNREADABLE');
      expect(await valuesOf(store, ID)).toEqual(AFTER[0]);
    }
    expect(await codeOf(store.probe())).toBe('STORE_UNREADABLE');
    failing.disk.failWhen(() => undefined);
    await store.probe();
    await STEPS[1]?.(store);
    expect(await valuesOf(store, ID)).toEqual(AFTER[1]);
  });

  it('never trusts a file again whose sync has failed', async () => {
    const store = await failing.open();
    await STEPS[0]?.(store);
    failing.disk.failWhen(operation => (operation === 'sync' ? 'EIO' : undefined));
    await expect(STEPS[1]?.(store)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      cause: { code: 'EIO' },
    });
    failing.disk.failWhen(() => undefined);
    const before = failing.disk.calls.length;
    await STEPS[1]?.(store);
    expect(failing.disk.calls.slice(before)).toContain('renameFile log.tmp-2');
    expect(await valuesOf(store, ID)).toEqual(AFTER[1]);
  });

  it('writes anew what it read after a crash where that can not be synced', async () => {
    const store = await failing.open();
    await STEPS[0]?.(store);
    await store.close();
    failing.disk.failWhen((operation, _, path) =>
      operation === 'sync' && path.endsWith('/log') ? 'EIO' : undefined,
    );
    const before = failing.disk.calls.length;
    const reopened = await failing.open();
    expect(await valuesOf(reopened, ID)).toEqual(AFTER[0]);
    expect(failing.disk.calls.slice(before)).toContain('renameFile log.tmp-1');
  });

  it('keeps the log that holds what was acknowledged, also where its name is lost and files are many', async () => {
    const store = await failing.open({ openFilesLimit: 1 });
    await STEPS[0]?.(store);
    failing.disk.failWhen(operation => (operation === 'syncFolder' ? 'EIO' : undefined));
    const replacement = replacementOf(ID, headAt(2, 4), { creds: 'unknown' });
    expect(await codeOf(store.replaceSession(replacement))).toBe('STORE_UNREADABLE');
    failing.disk.failWhen(() => undefined);
    for (const id of ['other', 'another'])
      await store.applyChange(changeOf(id, ORIGIN, headAt(1, 1), { creds: id }));
    expect(await valuesOf(store, ID)).toEqual(AFTER[0]);
    await STEPS[1]?.(store);
    expect(await valuesOf(store, ID)).toEqual(AFTER[1]);
    await store.close();
    expect(await valuesOf(await failing.open(), ID)).toEqual(AFTER[1]);
  });

  it.each(['EIO', 'EACCES', 'EMFILE'])(
    'never takes a log it can not read (%s) for a missing one',
    async code => {
      const store = await failing.open();
      await STEPS[0]?.(store);
      await store.close();
      for (const operation of ['openFile', 'read', 'listFolder', 'sizeBytes']) {
        const reopened = await failing.open();
        failing.disk.failWhen(found => (found === operation ? code : undefined));
        for (const call of [
          () => reopened.readHead(ID),
          () => reopened.loadSession(ID),
          () => reopened.loadEntries(ID, ['creds']),
          () => Promise.resolve(STEPS[1]?.(reopened)),
          () => reopened.replaceSession(replacementOf(ID, headAt(9, 9), {})),
          () => Promise.resolve(reopened.leases?.acquireLease({ sessionId: ID, holder: 'one', above: 0 })),
        ])
          expect(await codeOf(call())).toBe('STORE_UNREADABLE');
        failing.disk.failWhen(() => undefined);
        expect(await valuesOf(reopened, ID)).toEqual(AFTER[0]);
        await reopened.close();
      }
    },
  );

  it('finishes what the system wrote only in part', async () => {
    failing.disk.writeAtMost(7);
    const store = await failing.open();
    for (const step of STEPS.slice(0, 4)) await step(store);
    await store.close();
    expect(await valuesOf(await failing.open(), ID)).toEqual(AFTER[3]);
  });

  it('keeps no more files open than it may', async () => {
    const store = await failing.open({ openFilesLimit: 3 });
    const ids = Array.from({ length: 12 }, (_, index) => `session-${index}`);
    for (const id of ids) await store.applyChange(changeOf(id, ORIGIN, headAt(1, 1), { creds: id }));
    expect(failing.disk.openFiles()).toBeLessThanOrEqual(3);
    const unread = await store.loadSession('session-5');
    await unread?.entries[Symbol.asyncIterator]().return?.();
    const readers = await Promise.all(ids.slice(0, 2).map(id => store.loadSession(id)));
    for (const id of ids) {
      await store.applyChange(changeOf(id, headAt(1, 1), headAt(1, 2), { key: id }));
      expect(await valuesOf(store, id)).toEqual({ creds: id, key: id });
      expect(failing.disk.openFiles()).toBeLessThanOrEqual(3);
    }
    for (const reader of readers)
      for await (const { value } of reader?.entries ?? []) expect(value).toHaveLength(9);
    await store.close();
    expect(failing.disk.openFiles()).toBe(0);
  });
});
