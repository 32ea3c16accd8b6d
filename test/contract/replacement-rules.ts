import { describe, expect, it } from 'vitest';
import { type Entry, ORIGIN } from '../../src/core/store.ts';
import {
  changeOf,
  collect,
  expectRefused,
  headAt,
  listed,
  replacementOf,
  sealed,
  stateOf,
  tombstoneOf,
  valuesOf,
} from './sample-changes.ts';
import type { StoreFixture } from './session-store.ts';

const ID = 'personal';

export function testReplacements(fixture: StoreFixture): void {
  describe('replacing a copy', () => {
    const write = () =>
      fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(2, 5), { creds: 'old', gone: 'old' }));
    const replace = (...given: Parameters<typeof replacementOf>) =>
      fixture.store.replaceSession(replacementOf(...given));

    it('fills an absent copy', async () => {
      await replace(ID, headAt(3, 7), { creds: 'c', key: 'k' }, { complete: false });
      const state = await stateOf(fixture.store, ID);
      expect(state?.values).toEqual({ creds: 'c', key: 'k' });
      expect(state?.head).toMatchObject({ ...headAt(3, 7), fence: 3, complete: false, deleted: false });
    });

    it('takes the place of everything that was there', async () => {
      await write();
      await replace(ID, headAt(2, 9), { creds: 'new', key: 'new' }, { fence: 4 });
      const state = await stateOf(fixture.store, ID);
      expect(state?.values).toEqual({ creds: 'new', key: 'new' });
      expect(state?.head).toMatchObject({ ...headAt(2, 9), fence: 4 });
      expect((await fixture.store.loadEntries(ID, ['gone', 'creds'])).size).toBe(1);
    });

    it('takes another history that is ahead of the copy', async () => {
      await write();
      await replace(ID, headAt(3, 2, 'fork'), { creds: 'fork' });
      expect((await stateOf(fixture.store, ID))?.head).toMatchObject(headAt(3, 2, 'fork'));
    });

    it('may write the same head again', async () => {
      await write();
      await replace(ID, headAt(2, 5), { creds: 'repaired' });
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'repaired' });
    });

    it('reads its entries from an iterator, one after the other', async () => {
      async function* entries(): AsyncGenerator<Entry> {
        for (let index = 0; index < 1000; index += 1)
          yield { name: `key:${index}`, value: sealed(`v${index}`) };
      }
      await replace(ID, headAt(1, 1), {}, { entries: entries() });
      const values = await valuesOf(fixture.store, ID);
      expect(Object.keys(values ?? {})).toHaveLength(1000);
      expect(values?.['key:999']).toBe('v999');
    });

    it('may be fed from the very copy it replaces', async () => {
      await write();
      const session = await fixture.store.loadSession(ID);
      await replace(ID, headAt(3, 6), {}, { entries: session?.entries ?? [] });
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'old', gone: 'old' });
    });

    it('refuses a fence below the copy’s', async () => {
      await write();
      const call = () => replace(ID, headAt(2, 9), { creds: 'x' }, { fence: 1 });
      await expectRefused(fixture.store, ID, call, 'STORE_FENCED');
    });

    it('law 2: refuses to go back', async () => {
      await write();
      const older = () => replace(ID, headAt(2, 4), { creds: 'x' }, { fence: 9 });
      await expectRefused(fixture.store, ID, older, 'STORE_STALE');
      const olderEpoch = () => replace(ID, headAt(1, 99), { creds: 'x' }, { fence: 9 });
      await expectRefused(fixture.store, ID, olderEpoch, 'STORE_STALE');
      const tombstone = () => fixture.store.replaceSession({ ...tombstoneOf(ID, headAt(2, 4)), fence: 9 });
      await expectRefused(fixture.store, ID, tombstone, 'STORE_STALE');
    });

    it('refuses another history at the same position', async () => {
      await write();
      const call = () => replace(ID, headAt(2, 5, 'fork'), { creds: 'x' });
      await expectRefused(fixture.store, ID, call, 'STORE_DIVERGED');
    });

    it('leaves the old copy whole where the entries break off', async () => {
      await write();
      async function* breaking(): AsyncGenerator<Entry> {
        yield { name: 'creds', value: sealed('half') };
        throw new Error('the source broke off');
      }
      const before = await stateOf(fixture.store, ID);
      await expect(replace(ID, headAt(3, 6), {}, { entries: breaking() })).rejects.toThrow('broke off');
      expect(await stateOf(fixture.store, ID)).toEqual(before);
      await replace(ID, headAt(3, 6), { creds: 'whole' });
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'whole' });
    });

    it('shows nothing of the new copy before it is whole, and leaves old readers the old one', async () => {
      const { store } = fixture;
      await write();
      const reader = await store.loadSession(ID);
      const seen: unknown[] = [];
      async function* watched(): AsyncGenerator<Entry> {
        yield { name: 'creds', value: sealed('new') };
        seen.push(await valuesOf(store, ID));
        yield { name: 'key', value: sealed('new') };
      }
      await replace(ID, headAt(3, 6), {}, { entries: watched() });
      expect(seen).toEqual([{ creds: 'old', gone: 'old' }]);
      expect(reader && (await collect(reader.entries))).toEqual({ creds: 'old', gone: 'old' });
      expect(await valuesOf(store, ID)).toEqual({ creds: 'new', key: 'new' });
    });

    it('decides again when the entries have arrived: what was written meanwhile is not lost', async () => {
      const { store } = fixture;
      await write();
      async function* overtaken(): AsyncGenerator<Entry> {
        yield { name: 'creds', value: sealed('late') };
        await store.applyChange(changeOf(ID, headAt(2, 5), headAt(4, 6), { creds: 'newer' }));
      }
      const call = replace(ID, headAt(3, 6), {}, { entries: overtaken() });
      await expect(call).rejects.toMatchObject({ code: 'STORE_FENCED' });
      expect(await valuesOf(store, ID)).toEqual({ creds: 'newer', gone: 'old' });
    });

    it('writes a tombstone that holds nothing, is listed and has a position', async () => {
      await write();
      await fixture.store.replaceSession(tombstoneOf(ID, headAt(2, 6)));
      const state = await stateOf(fixture.store, ID);
      expect(state?.head).toMatchObject({ ...headAt(2, 6), deleted: true });
      expect(state?.values).toEqual({});
      expect(await fixture.store.loadEntries(ID, ['creds'])).toEqual(new Map());
      expect(await listed(fixture.store)).toEqual([ID]);
    });

    it('writes a tombstone where there was nothing, so that an old copy can not come back', async () => {
      await fixture.store.replaceSession(tombstoneOf(ID, headAt(4, 6)));
      const late = changeOf(ID, ORIGIN, headAt(4, 1), { creds: 'old' });
      await expectRefused(fixture.store, ID, () => fixture.store.applyChange(late), 'STORE_FENCED');
      await expectRefused(
        fixture.store,
        ID,
        () => replace(ID, headAt(4, 5), { creds: 'old' }),
        'STORE_STALE',
      );
    });

    it('lets a replacement ahead of a tombstone begin the session again', async () => {
      await fixture.store.replaceSession(tombstoneOf(ID, headAt(4, 6)));
      await replace(ID, headAt(5, 7), { creds: 'anew' });
      expect((await stateOf(fixture.store, ID))?.head).toMatchObject({ ...headAt(5, 7), deleted: false });
    });

    it('forgets a session at the place where it stands, and takes it back there', async () => {
      await write();
      const head = headAt(2, 5);
      await fixture.store.replaceSession(tombstoneOf(ID, head));
      expect((await stateOf(fixture.store, ID))?.head).toMatchObject({ ...head, deleted: true });
      await replace(ID, head, { creds: 'again' });
      expect((await stateOf(fixture.store, ID))?.head).toMatchObject({ ...head, deleted: false });
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'again' });
    });

    it.runIf(fixture.subject.damage)('sets a damaged copy aside', async () => {
      await write();
      await fixture.damage(ID);
      await replace(ID, headAt(3, 1), { creds: 'restored' });
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'restored' });
    });
  });
}
