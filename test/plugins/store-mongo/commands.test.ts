import { afterEach, beforeEach, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { changeOf, headAt } from '../../contract/sample-changes.ts';
import { describeWithService } from '../../support/services.ts';
import { dropDatabase, newDatabaseUri, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const LAZY = { foldAfter: { changes: 1000, sizeBytes: 1e9, idleMs: 100_000 } };

describeWithService('mongodb', 'what the mongo store sends', () => {
  let uri: string;
  let store: SessionStore;
  let operations: string[];
  beforeEach(async () => {
    uri = newDatabaseUri();
    operations = [];
    store = await openMongo(uri, {
      ...LAZY,
      driver: { monitorCommands: true },
      onCommand: name => operations.push(name),
    });
  });
  afterEach(async () => {
    await store.close();
    await dropDatabase(uri);
  });

  it('is one command for a change, also for 812 pre-keys', async () => {
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }));
    operations.length = 0;
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'd' }));
    expect(operations).toEqual(['insert']);
    const keys = Object.fromEntries(Array.from({ length: 812 }, (_, i) => [`pre-key:${i}`, 'x'.repeat(164)]));
    await store.applyChange(changeOf(ID, headAt(1, 2), headAt(1, 3), keys));
    expect(operations).toEqual(['insert', 'insert']);
  });

  it('is two round trips to read entries', async () => {
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }));
    operations.length = 0;
    expect((await store.loadEntries(ID, ['creds'])).size).toBe(1);
    expect(operations).toEqual(['find', 'find', 'find']);
  });
});
