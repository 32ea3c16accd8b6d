import { afterEach, beforeEach, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, replacementOf, valuesOf } from '../../contract/sample-changes.ts';
import { saveCollections } from '../../support/database-contents.ts';
import { describeWithService } from '../../support/services.ts';
import { dropDatabase, newDatabaseUri, openMongo } from './mongo-store-subject.ts';

const ID = 'shop';

describeWithService('mongodb', 'an older backup put back under the connections of a mongo store', () => {
  let uri: string;
  let store: SessionStore;
  beforeEach(async () => {
    uri = newDatabaseUri();
    store = await openMongo(uri, { foldAfter: { changes: 1_000, idleMs: 100_000 } });
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { a: '1' }));
    const putBack = await saveCollections(uri);
    for (const revision of [2, 3, 4])
      await store.applyChange(
        changeOf(ID, headAt(1, revision - 1), headAt(1, revision), { a: `${revision}` }),
      );
    await putBack();
  });
  afterEach(async () => {
    await store.close();
    await dropDatabase(uri);
  });

  it('is what is read, and what is written from then on', async () => {
    expect(await store.readHead(ID)).toMatchObject(headAt(1, 1));
    expect(await codeOf(store.applyChange(changeOf(ID, headAt(1, 4), headAt(1, 5), { a: '5' })))).toBe(
      'STORE_STALE',
    );
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2, 'other'), { b: '2' }));
    expect(await valuesOf(store, ID)).toEqual({ a: '1', b: '2' });
  });

  it('gives way to the copy that is put in its place', async () => {
    await store.replaceSession(replacementOf(ID, headAt(1, 4), { a: '4' }));
    expect(await store.readHead(ID)).toMatchObject(headAt(1, 4));
    expect(await valuesOf(store, ID)).toEqual({ a: '4' });
  });
});
