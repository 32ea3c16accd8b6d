import { describe, expect, it } from 'vitest';
import { type Lease, type LeaseStore, ORIGIN } from '../../src/core/store.ts';
import { changeOf, codeOf, headAt, listed, tombstoneOf } from './sample-changes.ts';
import type { StoreFixture } from './session-store.ts';

const ID = 'personal';

/** For stores that many servers share: their leases run out. */
export function testLeaseTimes(fixture: StoreFixture): void {
  describe.runIf(fixture.subject.passTime)('leases that run out', () => {
    const leases = (): LeaseStore => {
      if (!fixture.store.leases) throw new Error('this store issues no leases');
      return fixture.store.leases;
    };
    const acquire = (holder: string, sessionId = ID, above = 0) =>
      leases().acquireLease({ sessionId, holder, above });
    const pass = (lifetimes: number) => fixture.passTime(lifetimes * leases().lifetimeMs);
    const renewed = async (lease: Lease) => (await leases().renewLeases([lease])).length === 1;

    it('are those of a store that many servers share', () => {
      expect(leases().scope).toBe('cluster');
      expect(leases().lifetimeMs).toBeGreaterThan(0);
      expect(Number.isFinite(leases().lifetimeMs)).toBe(true);
    });

    it('are neither read nor listed, and others get the session at a higher epoch', async () => {
      const before = await acquire('one', ID, 40);
      await pass(0.9);
      expect(await codeOf(acquire('two'))).toBe('SESSION_HELD_ELSEWHERE');
      await pass(0.2);
      expect(await leases().readLease(ID)).toBeUndefined();
      expect(await leases().listLeases()).toEqual([]);
      const after = await acquire('two');
      expect(after.epoch).toBeGreaterThan(before.epoch);
      expect(await leases().listLeases()).toMatchObject([after]);
    });

    it('are kept for a whole lifetime by every renewal', async () => {
      const [one, two] = [await acquire('one'), await acquire('one', 'other')];
      await pass(0.7);
      expect(await renewed(one)).toBe(true);
      await pass(0.7);
      expect(await leases().readLease(ID)).toEqual(one);
      expect(await codeOf(acquire('two'))).toBe('SESSION_HELD_ELSEWHERE');
      expect(await leases().listLeases()).toMatchObject([one]);
      expect(await leases().readLease('other')).toBeUndefined();
      await pass(0.4);
      expect(await leases().readLease(ID)).toBeUndefined();
      expect(await leases().renewLeases([one, two])).toHaveLength(2);
    });

    it('are listed with the time that is left', async () => {
      await acquire('one');
      const left = async () => ((await leases().listLeases())[0]?.leftMs ?? 0) / leases().lifetimeMs;
      expect(await left()).toBeLessThanOrEqual(1);
      await pass(0.5);
      expect(await left()).toBeLessThanOrEqual(0.5);
      expect(await left()).toBeGreaterThan(0.2);
    });

    it('are not released by running out', async () => {
      const lease = await acquire('one');
      await pass(2);
      expect(await leases().findReleased([lease])).toEqual([]);
      await leases().releaseLease(lease);
      expect(await leases().findReleased([lease])).toEqual([lease]);
    });

    it('law 1: are their holder’s until somebody takes them, and never again', async () => {
      const before = await acquire('one');
      await pass(2);
      expect(await renewed(before)).toBe(true);
      expect(await leases().readLease(ID)).toEqual(before);
      await pass(2);
      const after = await acquire('two');
      expect(await renewed(before)).toBe(false);
      expect(await leases().readLease(ID)).toEqual(after);
      await pass(2);
      expect(await renewed(before)).toBe(false);
      await leases().releaseLease(after);
      expect(await renewed(before)).toBe(false);
      expect(await renewed(after)).toBe(false);
      expect(await leases().readLease(ID)).toBeUndefined();
    });

    it('fence off whoever let them run out, from the moment that somebody took them', async () => {
      const before = await acquire('one');
      await fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(before.epoch, 1), { creds: 'c' }));
      await pass(2);
      const next = (revision: number, fence = before.epoch) =>
        changeOf(ID, headAt(before.epoch, revision - 1), headAt(before.epoch, revision), {}, { fence });
      await fixture.store.applyChange(next(2));
      const after = await acquire('two');
      expect(await codeOf(fixture.store.applyChange(next(3)))).toBe('STORE_FENCED');
      await fixture.store.applyChange(next(3, after.epoch));
    });

    it('law 1: fence again where an older state of the store forgot them', async () => {
      const lost = { sessionId: ID, holder: 'one', epoch: (await acquire('two')).epoch + 5 };
      const unknown = { sessionId: 'never-seen', holder: 'one', epoch: 7 };
      expect(await leases().renewLeases([lost, unknown])).toHaveLength(2);
      for (const { sessionId, epoch } of [lost, unknown]) {
        const late = changeOf(sessionId, ORIGIN, headAt(epoch - 1, 1), { creds: 'late' });
        expect(await codeOf(fixture.store.applyChange(late))).toBe('STORE_FENCED');
        expect(await fixture.store.readHead(sessionId)).toBeUndefined();
      }
      await fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(30, 1), { creds: 'c' }));
      expect(await renewed({ ...lost, epoch: 29 })).toBe(false);
      expect(await renewed({ ...lost, epoch: 30 })).toBe(true);
      expect(await fixture.store.readHead(ID)).toMatchObject({ ...headAt(30, 1), fence: 30 });
    });

    it('leave no session in the list, and their epoch for good, also with one that was deleted', async () => {
      const first = await acquire('one');
      expect(await listed(fixture.store)).toEqual([]);
      await fixture.store.replaceSession(tombstoneOf(ID, headAt(first.epoch, 1)));
      const second = await acquire('one');
      await leases().releaseLease(second);
      await pass(2);
      const third = await acquire('two');
      expect([second.epoch > first.epoch, third.epoch > second.epoch]).toEqual([true, true]);
      expect(await fixture.store.readHead(ID)).toMatchObject({ deleted: true, fence: third.epoch });
      expect(await listed(fixture.store)).toEqual([ID]);
    });

    it('may be of ids with any characters', async () => {
      const ids = ['a.b', '$set', 'a/b', 'Ä', 'ä', '%', '\u{1F4F1}'];
      const taken = await Promise.all(ids.map(sessionId => acquire('one', sessionId)));
      const listed = await leases().listLeases();
      expect(new Set(listed.map(({ leftMs: _, ...lease }) => lease))).toEqual(new Set(taken));
      expect(await leases().renewLeases(taken)).toHaveLength(ids.length);
    });

    it.runIf(fixture.subject.damage)('are given also of a damaged copy, which stays damaged', async () => {
      await fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }));
      const store = await fixture.damage(ID);
      const { epoch } = await acquire('one', ID, 1);
      expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
      const tombstone = tombstoneOf(ID, headAt(epoch, 1));
      expect(await codeOf(store.replaceSession({ ...tombstone, fence: epoch - 1 }))).toBe('STORE_FENCED');
      await store.replaceSession(tombstone);
    });
  });
}
