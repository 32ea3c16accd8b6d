import { readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { changeOf, codeOf, headAt, replacementOf, sealed, valuesOf } from '../../contract/sample-changes.ts';
import { testSessionStore } from '../../contract/session-store.ts';
import { fileStoreSubject, newDirectory, sessionFolder } from './file-store-subject.ts';

// With hardly any files open at once, which is the harder half; other tests leave them open.
testSessionStore('the file store', fileStoreSubject({ openFilesLimit: 1 }));

describe('the file store', () => {
  const ID = 'personal';
  let directory: string;
  let store: SessionStore;
  beforeEach(async () => {
    directory = await newDirectory();
    store = await openFileStore({ name: 'file', directory });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('takes the later one of two entries of one name, in a replacement and in a change', async () => {
    const twice = (name: string) => [1, 2].map(time => ({ name, value: sealed(`${name} ${time}`) }));
    const entries = [...twice('a'), ...twice('b')];
    await store.replaceSession(replacementOf(ID, headAt(1, 1), {}, { entries }));
    await store.applyChange(
      changeOf(ID, headAt(1, 1), headAt(1, 2), {}, { entries: [...twice('b'), ...twice('c')] }),
    );
    const expected = { a: 'a 2', b: 'b 2', c: 'c 2' };
    expect(await valuesOf(store, ID)).toEqual(expected);
    await store.close();
    store = await openFileStore({ name: 'file', directory });
    expect(await valuesOf(store, ID)).toEqual(expected);
  });

  it('leaves nothing behind of a replacement that came too late', async () => {
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'one' }));
    async function* overtaken() {
      yield { name: 'creds', value: sealed('late') };
      await store.applyChange(changeOf(ID, headAt(1, 1), headAt(3, 2), { creds: 'two' }));
    }
    const late = replacementOf(ID, headAt(2, 2), {}, { entries: overtaken() });
    expect(await codeOf(store.replaceSession(late))).toBe('STORE_FENCED');
    expect(await readdir(sessionFolder(directory, ID))).toEqual(['log']);
  });

  it('takes its time from the clock it is given', async () => {
    await store.close();
    let now = 1000;
    store = await openFileStore({ name: 'file', directory, clock: { now: () => now } });
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'one' }));
    now = 2000;
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'two' }));
    expect(await store.readHead(ID)).toMatchObject({ createdAt: 1000, updatedAt: 2000 });
  });
});
