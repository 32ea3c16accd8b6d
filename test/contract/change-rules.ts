import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../src/core/store.ts';
import {
  changeOf,
  codeOf,
  expectRefused,
  headAt,
  replacementOf,
  stateOf,
  tombstoneOf,
  valuesOf,
} from './sample-changes.ts';
import type { StoreFixture } from './session-store.ts';

const ID = 'personal';

export function testChanges(fixture: StoreFixture): void {
  describe('applying a change', () => {
    const first = changeOf(ID, ORIGIN, headAt(2, 1), { creds: 'c1', key: 'k1' });
    const second = changeOf(ID, headAt(2, 1), headAt(2, 2), { creds: 'c2', more: 'm2', key: undefined });
    const write = async (...changes: (typeof first)[]) => {
      for (const change of changes) await fixture.store.applyChange(change);
    };

    it('starts an absent copy at ORIGIN and reads back what was written', async () => {
      const before = Date.now() - 60_000;
      await write(first);
      const state = await stateOf(fixture.store, ID);
      expect(state?.values).toEqual({ creds: 'c1', key: 'k1' });
      expect(state?.head).toMatchObject({ ...headAt(2, 1), fence: 2, complete: true, deleted: false });
      expect(state?.head.createdAt).toBeGreaterThan(before);
      expect(state?.head.updatedAt).toBeGreaterThanOrEqual(state?.head.createdAt ?? Number.NaN);
      expect(await fixture.store.readHead(ID)).toEqual(state?.head);
    });

    it('puts, overwrites and deletes entries in one change', async () => {
      await write(first, second);
      const state = await stateOf(fixture.store, ID);
      expect(state?.values).toEqual({ creds: 'c2', more: 'm2' });
      expect(state?.head).toMatchObject(headAt(2, 2));
      expect((await fixture.store.loadEntries(ID, ['key'])).size).toBe(0);
    });

    it('takes a change without entries, one that deletes what is not there, and keeps the day of creation', async () => {
      await write(first);
      const created = (await fixture.store.readHead(ID))?.createdAt;
      await write(changeOf(ID, headAt(2, 1), headAt(2, 2), {}, { complete: false }));
      await write(changeOf(ID, headAt(2, 2), headAt(2, 3), { missing: undefined }));
      const state = await stateOf(fixture.store, ID);
      expect(state?.values).toEqual({ creds: 'c1', key: 'k1' });
      expect(state?.head).toMatchObject({ ...headAt(2, 3), complete: true, createdAt: created });
    });

    it('remembers that a copy is incomplete', async () => {
      await write({ ...first, complete: false });
      expect((await fixture.store.readHead(ID))?.complete).toBe(false);
    });

    it('takes several consecutive changes as one write, also across epochs', async () => {
      await write(first, changeOf(ID, headAt(2, 1), headAt(5, 9), { key: 'k9' }));
      expect((await stateOf(fixture.store, ID))?.head).toMatchObject({ ...headAt(5, 9), fence: 5 });
    });

    it('takes older changes from a newer writer, whose fence then holds', async () => {
      await write(first, { ...second, fence: 7 });
      expect(await fixture.store.readHead(ID)).toMatchObject({ ...headAt(2, 2), fence: 7 });
      const late = changeOf(ID, headAt(2, 2), headAt(2, 3), { creds: 'late' }, { fence: 6 });
      await expectRefused(fixture.store, ID, () => write(late), 'STORE_FENCED');
    });

    it('law 3: does nothing when the same change comes again, however often', async () => {
      await write(first, second);
      const before = await stateOf(fixture.store, ID);
      await write(second, second);
      await write({ ...second, base: ORIGIN, entries: first.entries });
      const after = await stateOf(fixture.store, ID);
      expect(after).toEqual({ ...before, head: { ...before?.head, updatedAt: after?.head.updatedAt } });
    });

    it('takes over only fence and completeness where it stands at the head already', async () => {
      await write(first);
      await write({ ...second, base: ORIGIN, head: headAt(2, 1), fence: 4, complete: false });
      const state = await stateOf(fixture.store, ID);
      expect(state?.head).toMatchObject({ ...headAt(2, 1), fence: 4, complete: false });
      expect(state?.values).toEqual({ creds: 'c1', key: 'k1' });
      await expectRefused(fixture.store, ID, () => write({ ...second, fence: 3 }), 'STORE_FENCED');
    });

    it('refuses a fence below the highest that wrote, before anything else', async () => {
      await write(first, changeOf(ID, headAt(2, 1), headAt(3, 2), { key: 'k3' }));
      const again = changeOf(ID, headAt(2, 1), headAt(3, 2), { key: 'k3' }, { fence: 2 });
      await expectRefused(fixture.store, ID, () => write(again), 'STORE_FENCED');
      await expectRefused(fixture.store, ID, () => write({ ...second, fence: 2 }), 'STORE_FENCED');
    });

    it('law 3: refuses another history at the same head', async () => {
      await write(first, second);
      const fork = { ...second, head: headAt(2, 2, 'fork') };
      await expectRefused(fixture.store, ID, () => write(fork), 'STORE_DIVERGED');
    });

    it('refuses a change that builds on what the copy does not have', async () => {
      const { store } = fixture;
      expect(await codeOf(store.applyChange(second))).toBe('STORE_STALE');
      expect(await store.readHead(ID)).toBeUndefined();
      await write(first);
      const ahead = changeOf(ID, headAt(2, 5), headAt(2, 6), { key: 'k' });
      await expectRefused(store, ID, () => write(ahead), 'STORE_STALE');
      const laterEpoch = changeOf(ID, headAt(3, 1), headAt(3, 2), { key: 'k' });
      await expectRefused(store, ID, () => write(laterEpoch), 'STORE_STALE');
    });

    it('refuses a change whose base the copy has left behind', async () => {
      await write(first, second, changeOf(ID, headAt(2, 2), headAt(2, 3), { key: 'k3' }));
      await expectRefused(fixture.store, ID, () => write(second), 'STORE_DIVERGED');
      const again = changeOf(ID, ORIGIN, headAt(4, 4), { key: 'k' });
      await expectRefused(fixture.store, ID, () => write(again), 'STORE_DIVERGED');
    });

    it('law 8: lets a deleted session stay deleted', async () => {
      const { store } = fixture;
      await write(first, second);
      await store.replaceSession(tombstoneOf(ID, headAt(3, 3)));
      const on = (head: typeof first.head, fence = 3) =>
        changeOf(ID, headAt(3, 3), head, { k: 'v' }, { fence });
      await expectRefused(store, ID, () => write(on(headAt(3, 4))), 'STORE_FENCED');
      await expectRefused(store, ID, () => write(on(headAt(3, 4), 9)), 'STORE_FENCED');
      await expectRefused(store, ID, () => write({ ...second, fence: 9 }), 'STORE_FENCED');
    });

    it('lets a deleted session begin again at a higher epoch, without its old entries', async () => {
      await write(first);
      await fixture.store.replaceSession(tombstoneOf(ID, headAt(3, 2)));
      await write(changeOf(ID, headAt(3, 2), headAt(4, 3), { creds: 'anew' }));
      const state = await stateOf(fixture.store, ID);
      expect(state?.values).toEqual({ creds: 'anew' });
      expect(state?.head).toMatchObject({ ...headAt(4, 3), deleted: false });
    });

    it('keeps the order of calls that are made at once', async () => {
      const changes = Array.from({ length: 40 }, (_, index) =>
        changeOf(ID, index ? headAt(1, index) : ORIGIN, headAt(1, index + 1), {
          key: `${index}`,
          [`k${index}`]: 'v',
        }),
      );
      await Promise.all(changes.map(change => fixture.store.applyChange(change)));
      const state = await stateOf(fixture.store, ID);
      expect(state?.head.revision).toBe(40);
      expect(state?.values.key).toBe('39');
      expect(Object.keys(state?.values ?? {})).toHaveLength(41);
    });

    it('lets one of two rivals win, whole', async () => {
      await write(first);
      const rival = (history: string) =>
        changeOf(ID, headAt(2, 1), headAt(2, 2, history), { a: history, b: history, c: history });
      const calls = [rival('left'), rival('right')].map(change => fixture.store.applyChange(change));
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const { a, b, c } = (await valuesOf(fixture.store, ID)) ?? {};
      expect([b, c]).toEqual([a, a]);
    });

    it('goes on after a replacement', async () => {
      await fixture.store.replaceSession(replacementOf(ID, headAt(2, 1), { creds: 'r', key: 'r' }));
      await write(second);
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'c2', more: 'm2' });
    });
  });
}
