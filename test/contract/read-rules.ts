import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../src/core/store.ts';
import {
  changeOf,
  collect,
  headAt,
  listed,
  opened,
  sealed,
  stateOf,
  tombstoneOf,
  valuesOf,
} from './sample-changes.ts';
import type { StoreFixture } from './session-store.ts';

const NAMES = [
  'creds',
  'session:q83vEjRWeJA-_8',
  ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  '__proto__',
  'constructor',
  '$where.a.b',
  'ключ 🔑 鍵',
  'Case',
  'case',
  'x'.repeat(200),
];

export function testReads(fixture: StoreFixture): void {
  describe('reading', () => {
    const write = (sessionId: string, values: Record<string, string>) =>
      fixture.store.applyChange(changeOf(sessionId, ORIGIN, headAt(1, 1), values));

    it('answers absent for a session that was never written', async () => {
      const { store } = fixture;
      expect(await store.readHead('nobody')).toBeUndefined();
      expect(await store.loadSession('nobody')).toBeUndefined();
      expect(await store.loadEntries('nobody', ['creds'])).toEqual(new Map());
      expect(await listed(store)).toEqual([]);
    });

    it('loads the named entries and leaves out those that do not exist', async () => {
      await write('personal', { creds: 'c', other: 'o', third: 't' });
      const found = await fixture.store.loadEntries('personal', ['third', 'missing', 'creds']);
      expect([...found].map(([name, value]) => [name, opened(value)]).sort()).toEqual([
        ['creds', 'c'],
        ['third', 't'],
      ]);
      expect(await fixture.store.loadEntries('personal', [])).toEqual(new Map());
    });

    it('hands out values that are the caller’s own', async () => {
      const { store } = fixture;
      const given = Buffer.from('kept');
      await store.applyChange({
        ...changeOf('personal', ORIGIN, headAt(1, 1), {}),
        entries: [{ name: 'creds', value: given }],
      });
      given.fill(0);
      (await store.loadEntries('personal', ['creds'])).get('creds')?.fill(0);
      for await (const entry of (await store.loadSession('personal'))?.entries ?? []) entry.value.fill(0);
      expect(await valuesOf(store, 'personal')).toEqual({ creds: 'kept' });
    });

    it('streams the state at the head it answered with, whatever is written meanwhile', async () => {
      const { store } = fixture;
      await write('personal', { a: 'old', b: 'old', c: 'old' });
      const session = await store.loadSession('personal');
      await store.applyChange(
        changeOf('personal', headAt(1, 1), headAt(1, 2), { a: 'new', b: undefined, d: 'new' }),
      );
      await store.replaceSession(tombstoneOf('personal', headAt(1, 3)));
      expect(session?.head.revision).toBe(1);
      expect(session && (await collect(session.entries))).toEqual({ a: 'old', b: 'old', c: 'old' });
    });

    it('lets a reader stop half way', async () => {
      const { store } = fixture;
      await write('personal', { a: '1', b: '2', c: '3' });
      for await (const entry of (await store.loadSession('personal'))?.entries ?? []) {
        expect(entry.value).toHaveLength(1);
        break;
      }
      expect(await valuesOf(store, 'personal')).toEqual({ a: '1', b: '2', c: '3' });
    });

    it('keeps sessions apart whose ids differ in case, in dots or in length', async () => {
      const ids = ['Personal', 'personal', 'PERSONAL', 'a.b', 'a_b', 'a', '..', 'CON', 'nul.txt', '-', '_'];
      ids.push('L'.repeat(128), 'l'.repeat(128));
      for (const sessionId of ids) await write(sessionId, { creds: `of ${sessionId}` });
      for (const sessionId of ids)
        expect(await valuesOf(fixture.store, sessionId)).toEqual({ creds: `of ${sessionId}` });
      expect(await listed(fixture.store)).toEqual([...ids].sort());
    });

    it('takes entry names with any characters, and tells them apart by every one', async () => {
      const entries = NAMES.map((name, index) => ({ name, value: sealed(`value ${index}`) }));
      await fixture.store.applyChange({ ...changeOf('personal', ORIGIN, headAt(1, 1), {}), entries });
      const found = await fixture.store.loadEntries('personal', NAMES);
      expect(NAMES.map(name => opened(found.get(name) ?? sealed('missing')))).toEqual(
        NAMES.map((_, index) => `value ${index}`),
      );
    });

    it('tells an empty value from a missing one', async () => {
      await write('personal', { empty: '' });
      const found = await fixture.store.loadEntries('personal', ['empty', 'missing']);
      expect([...found].map(([name, value]) => [name, value.length])).toEqual([['empty', 0]]);
      expect(await valuesOf(fixture.store, 'personal')).toEqual({ empty: '' });
    });

    it('keeps every byte of a value of 1.5 MiB', async () => {
      const value = new Uint8Array(1.5 * 1024 * 1024).map((_, index) => (index * 31) ^ (index >>> 8));
      const change = { ...changeOf('personal', ORIGIN, headAt(1, 1), {}), entries: [{ name: 'big', value }] };
      await fixture.store.applyChange(change);
      const found = (await fixture.store.loadEntries('personal', ['big'])).get('big');
      expect(Buffer.compare(Buffer.from(found ?? []), Buffer.from(value))).toBe(0);
    });

    it('holds 5,000 entries, written and overwritten at once', async () => {
      const { store } = fixture;
      const values = (text: string) =>
        Object.fromEntries(
          Array.from({ length: 5000 }, (_, index) => [`pre-key:${index}`, `${text}${index}`]),
        );
      await store.applyChange(changeOf('personal', ORIGIN, headAt(1, 1), values('first')));
      await store.applyChange(changeOf('personal', headAt(1, 1), headAt(1, 2), values('second')));
      expect(await valuesOf(store, 'personal')).toEqual(values('second'));
    });

    it.runIf(fixture.subject.damage)(
      'answers damaged, never absent, where the bytes are damaged',
      async () => {
        await write('personal', { creds: 'c' });
        await write('other', { creds: 'o' });
        const store = await fixture.damage('personal');
        await expect(store.readHead('personal')).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
        await expect(store.loadEntries('personal', ['creds'])).rejects.toMatchObject({
          code: 'SESSION_CORRUPT',
        });
        await expect(store.loadSession('personal')).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
        const change = changeOf('personal', headAt(1, 1), headAt(1, 2), { creds: 'd' });
        await expect(store.applyChange(change)).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
        expect(await listed(store)).toEqual(['other', 'personal']);
        expect((await stateOf(store, 'other'))?.values).toEqual({ creds: 'o' });
      },
    );
  });
}
