import { describe, expect, it } from 'vitest';
import { type LeaseStore, ORIGIN } from '../../src/core/store.ts';
import { changeOf, codeOf, expectRefused, headAt, stateOf, valuesOf } from './sample-changes.ts';
import type { StoreFixture } from './session-store.ts';

const ID = 'personal';

export function testLeases(fixture: StoreFixture): void {
  it(`${fixture.subject.issuesLeases ? 'issues' : 'does not issue'} leases`, () => {
    expect(fixture.store.leases !== undefined).toBe(fixture.subject.issuesLeases);
  });

  describe.runIf(fixture.subject.issuesLeases)('leasing', () => {
    const leases = (): LeaseStore => {
      if (!fixture.store.leases) throw new Error('this store issues no leases');
      return fixture.store.leases;
    };
    const acquire = (holder: string, above = 0, sessionId = ID) =>
      leases().acquireLease({ sessionId, holder, above });

    it('gives the first lease of a session that has no copy, which stays absent', async () => {
      const lease = await acquire('one');
      expect(lease).toMatchObject({ sessionId: ID, holder: 'one' });
      expect(lease.epoch).toBeGreaterThan(0);
      expect(await leases().readLease(ID)).toEqual(lease);
      expect(await fixture.store.readHead(ID)).toBeUndefined();
      expect(await fixture.store.loadSession(ID)).toBeUndefined();
      expect(await fixture.store.loadEntries(ID, ['creds'])).toEqual(new Map());
    });

    it('answers that nobody holds a session', async () => {
      expect(await leases().readLease(ID)).toBeUndefined();
    });

    it('gives an epoch above what was asked for and above all it ever saw', async () => {
      const epochs = [(await acquire('one', 40)).epoch, (await acquire('one')).epoch];
      await fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }, { fence: 90 }));
      epochs.push((await acquire('one', 7)).epoch);
      expect(epochs[0]).toBeGreaterThan(40);
      expect(epochs[1]).toBeGreaterThan(epochs[0] ?? Number.NaN);
      expect(epochs[2]).toBeGreaterThan(90);
    });

    it('law 1: fences off whoever wrote before, at once', async () => {
      await fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }));
      const { epoch } = await acquire('one', 1);
      expect((await fixture.store.readHead(ID))?.fence).toBe(epoch);
      expect((await stateOf(fixture.store, ID))?.head).toMatchObject(headAt(1, 1));
      const late = changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'late' });
      await expectRefused(fixture.store, ID, () => fixture.store.applyChange(late), 'STORE_FENCED');
      await fixture.store.applyChange({ ...late, fence: epoch });
      expect(await valuesOf(fixture.store, ID)).toEqual({ creds: 'late' });
    });

    it('fences off the writers of a session that has no copy yet', async () => {
      const { epoch } = await acquire('one', 8);
      const late = changeOf(ID, ORIGIN, headAt(8, 1), { creds: 'late' });
      expect(await codeOf(fixture.store.applyChange(late))).toBe('STORE_FENCED');
      expect(await fixture.store.readHead(ID)).toBeUndefined();
      await fixture.store.applyChange({ ...late, fence: epoch });
      expect((await fixture.store.readHead(ID))?.fence).toBe(epoch);
    });

    it('refuses another holder, and names the one that holds it', async () => {
      const held = await acquire('server-one');
      const call = acquire('server-two', 99);
      await expect(call).rejects.toThrow('server-one');
      expect(await codeOf(call)).toBe('SESSION_HELD_ELSEWHERE');
      expect(await leases().readLease(ID)).toEqual(held);
    });

    it('law 1: takes it from the one who holds it where that is asked for, and fences it off', async () => {
      const held = await acquire('server-one');
      const request = { sessionId: ID, holder: 'server-two', above: 0, whereHeld: 'take-over' } as const;
      const taken = await leases().acquireLease(request);
      expect(taken.epoch).toBeGreaterThan(held.epoch);
      expect(await leases().readLease(ID)).toEqual(taken);
      expect(await leases().renewLeases([held])).toEqual([]);
      const late = changeOf(ID, ORIGIN, headAt(held.epoch, 1), { creds: 'late' });
      expect(await codeOf(fixture.store.applyChange(late))).toBe('STORE_FENCED');
    });

    it('renews many leases at once, and tells which are still held', async () => {
      const old = await acquire('one');
      const [one, two] = [await acquire('one'), await acquire('one', 0, 'other')];
      const released = await acquire('one', 0, 'released');
      await leases().releaseLease(released);
      await acquire('two', 0, 'released');
      const renewed = await leases().renewLeases([old, one, two, released]);
      expect(new Set(renewed)).toEqual(new Set([one, two]));
      expect(await leases().renewLeases([])).toEqual([]);
    });

    it('law 1: writes a lease again that an older state of the store knows nothing of', async () => {
      const known = await acquire('one');
      const lost = { sessionId: ID, holder: 'one', epoch: known.epoch + 5 };
      const unknown = { sessionId: 'never-seen', holder: 'one', epoch: 7 };
      expect(new Set(await leases().renewLeases([lost, unknown]))).toEqual(new Set([lost, unknown]));
      expect(await leases().readLease(ID)).toEqual(lost);
      expect(await leases().readLease('never-seen')).toEqual(unknown);
      expect((await acquire('one')).epoch).toBeGreaterThan(lost.epoch);
    });

    it('lists all leases that run', async () => {
      const [one, two] = [await acquire('one'), await acquire('two', 0, 'other')];
      await leases().releaseLease(await acquire('one', 0, 'released'));
      const listed = await leases().listLeases();
      expect(new Set(listed.map(({ leftMs: _, ...lease }) => lease))).toEqual(new Set([one, two]));
      for (const { leftMs } of listed) expect(leftMs).toBeGreaterThan(0);
    });

    it('law 1: tells of leases that were released, or followed by one that was', async () => {
      const running = await acquire('one');
      const first = await acquire('one', 0, 'first');
      const second = await acquire('one', 0, 'first');
      expect(await leases().findReleased([running, first, second])).toEqual([]);
      await leases().releaseLease(second);
      expect(await leases().findReleased([running, first, second])).toEqual([first, second]);
      const later = { ...second, epoch: second.epoch + 1 };
      if (leases().scope === 'cluster') expect(await leases().findReleased([later])).toEqual([]);
      await acquire('two', 0, 'first');
      expect(await leases().findReleased([first, second])).toEqual([]);
      expect(await leases().findReleased([])).toEqual([]);
    });

    it('gives the same holder a new lease with a new epoch', async () => {
      const before = await acquire('one');
      const after = await acquire('one');
      expect(after.epoch).toBeGreaterThan(before.epoch);
      expect(await leases().readLease(ID)).toEqual(after);
    });

    it('lets another holder in after the release, and keeps the epoch', async () => {
      const before = await acquire('one', 20);
      await leases().releaseLease(before);
      expect(await leases().readLease(ID)).toBeUndefined();
      const after = await acquire('two');
      expect(after.epoch).toBeGreaterThan(before.epoch);
    });

    it('ignores the release of a lease that is no longer held', async () => {
      const old = await acquire('one');
      const held = await acquire('one');
      await leases().releaseLease(old);
      expect(await leases().readLease(ID)).toEqual(held);
      await leases().releaseLease(held);
      await leases().releaseLease(held);
      await leases().releaseLease({ ...held, sessionId: 'never-seen' });
      expect(await leases().readLease(ID)).toBeUndefined();
    });

    it('leases every session by itself, also where ids differ only in case', async () => {
      await acquire('one', 0, 'Personal');
      await acquire('two', 0, 'personal');
      expect((await leases().readLease('Personal'))?.holder).toBe('one');
    });

    it('gives one of two that ask at once', async () => {
      const outcomes = await Promise.allSettled([acquire('one'), acquire('two')]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it.runIf(fixture.subject.reopen)(
      'keeps the fence where the store is closed and opened again',
      async () => {
        const before = await acquire('one', 30);
        await fixture.reopen();
        const late = changeOf(ID, ORIGIN, headAt(30, 1), { creds: 'late' });
        expect(await codeOf(fixture.store.applyChange(late))).toBe('STORE_FENCED');
        const after = await acquire('one');
        expect(after.epoch).toBeGreaterThan(before.epoch);
      },
    );
  });
}
