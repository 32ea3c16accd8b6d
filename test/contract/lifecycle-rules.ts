import { describe, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../src/core/store.ts';
import {
  changeOf,
  codeOf,
  headAt,
  listed,
  replacementOf,
  stateOf,
  tombstoneOf,
  valuesOf,
} from './sample-changes.ts';
import type { StoreFixture } from './session-store.ts';

const ID = 'personal';
const FIRST = changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c', key: 'k' });

/** Every call of the contract, to be tried in every state of a store. */
function callsOf(store: SessionStore): [string, () => Promise<unknown>][] {
  const { leases } = store;
  const lease = { sessionId: ID, holder: 'one', epoch: 1 };
  const leaseCalls: [string, () => Promise<unknown>][] = leases
    ? [
        ['acquireLease', () => leases.acquireLease({ sessionId: ID, holder: 'one', above: 0 })],
        ['releaseLease', () => leases.releaseLease(lease)],
        ['readLease', () => leases.readLease(ID)],
        ['renewLeases', () => leases.renewLeases([lease])],
        ['listLeases', () => leases.listLeases()],
      ]
    : [];
  return [
    ['listSessions', () => listed(store)],
    ['readHead', () => store.readHead(ID)],
    ['loadEntries', () => store.loadEntries(ID, ['creds'])],
    ['loadSession', () => store.loadSession(ID)],
    ['applyChange', () => store.applyChange(FIRST)],
    ['replaceSession', () => store.replaceSession(replacementOf(ID, headAt(1, 1), {}))],
    ['probe', () => store.probe()],
    ...leaseCalls,
  ];
}

export function testLifecycle(fixture: StoreFixture): void {
  describe('its life', () => {
    it('starts empty, and each test gets a store of its own', async () => {
      expect(await listed(fixture.store)).toEqual([]);
      const other = await fixture.subject.open();
      await other.applyChange(FIRST);
      expect(await fixture.store.readHead(ID)).toBeUndefined();
      await fixture.subject.destroy(other);
    });

    it('has a name, and a probe that resolves', async () => {
      expect(fixture.store.name).toMatch(/\S/);
      await Promise.all([fixture.store.probe(), fixture.store.probe()]);
      expect(await fixture.store.probe()).toBeUndefined();
    });

    it('names in its refusals which store refused, and which session', async () => {
      const call = fixture.store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), {}));
      const names = fixture.subject.members ?? [fixture.store.name];
      await expect(call).rejects.toMatchObject({ name: 'StoreError', store: expect.toBeOneOf([...names]) });
      await expect(call).rejects.toThrow(ID);
    });

    it('answers STORE_CLOSED to every call after it was closed', async () => {
      await fixture.store.applyChange(FIRST);
      await fixture.store.close();
      const codes: [string, string][] = [];
      for (const [name, call] of callsOf(fixture.store)) codes.push([name, await codeOf(call())]);
      expect(codes).toEqual(codes.map(([name]) => [name, 'STORE_CLOSED']));
    });

    it('may be closed twice, also at once', async () => {
      await Promise.all([fixture.store.close(), fixture.store.close()]);
      await fixture.store.close();
    });

    it('lets the calls in flight finish before it closes', async () => {
      const calls = [
        fixture.store.applyChange(FIRST),
        fixture.store.replaceSession(replacementOf('other', headAt(1, 1), { creds: 'o' })),
      ];
      await fixture.store.close();
      expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
      ]);
    });

    it('lets a replacement whose entries are still on their way finish before it closes', async () => {
      let arrive = () => {};
      const arrived = new Promise<void>(resolve => {
        arrive = resolve;
      });
      async function* entries() {
        yield { name: 'creds', value: new Uint8Array(3) };
        await arrived;
        yield { name: 'key', value: new Uint8Array(3) };
      }
      const replaced = fixture.store.replaceSession(
        replacementOf(ID, headAt(1, 1), {}, { entries: entries() }),
      );
      const ends: string[] = [];
      const closed = fixture.store.close().then(() => ends.push('closed'));
      const finished = replaced.then(() => ends.push('replaced'));
      arrive();
      await Promise.all([finished, closed]);
      expect(ends).toEqual(['replaced', 'closed']);
    });

    it('ends an open reader when it is closed', async () => {
      await fixture.store.applyChange(FIRST);
      const session = await fixture.store.loadSession(ID);
      await fixture.store.close();
      const first = session?.entries[Symbol.asyncIterator]().next();
      expect(await codeOf(Promise.resolve(first))).toBe('STORE_CLOSED');
    });

    describe.runIf(fixture.subject.reopen)('opened again', () => {
      it('holds every change, replacement and tombstone', async () => {
        const { store } = fixture;
        await store.applyChange(FIRST);
        await store.applyChange(changeOf(ID, headAt(1, 1), headAt(2, 2), { key: undefined, more: 'm' }));
        await store.replaceSession(
          replacementOf('Replaced', headAt(3, 3), { creds: 'r' }, { complete: false }),
        );
        await store.applyChange(
          changeOf('Replaced', headAt(3, 3), headAt(3, 4), { key: 'r' }, { complete: false }),
        );
        await store.replaceSession(tombstoneOf('deleted', headAt(4, 4)));
        const ids = ['Replaced', 'deleted', ID];
        const before = await Promise.all(ids.map(sessionId => stateOf(store, sessionId)));
        const reopened = await fixture.reopen();
        expect(await listed(reopened)).toEqual(ids);
        expect(await Promise.all(ids.map(sessionId => stateOf(reopened, sessionId)))).toEqual(before);
      });

      it('holds large values and many entries, first ones and later ones', async () => {
        const large = (text: string) => text.repeat(1.5 * 1024 * 1024);
        const many = Object.fromEntries(
          Array.from({ length: 3000 }, (_, index) => [`key:${index}`, `v${index}`]),
        );
        await fixture.store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { ...many, first: large('f') }));
        await fixture.store.applyChange(
          changeOf(ID, headAt(1, 1), headAt(1, 2), { ...many, later: large('l') }),
        );
        const values = await valuesOf(await fixture.reopen(), ID);
        expect(Object.keys(values ?? {})).toHaveLength(3002);
        expect([values?.first === large('f'), values?.later === large('l')]).toEqual([true, true]);
      });

      it('still refuses what it refused before', async () => {
        await fixture.store.applyChange({ ...FIRST, fence: 5 });
        await fixture.store.replaceSession(tombstoneOf('deleted', headAt(4, 4)));
        const store = await fixture.reopen();
        const next = changeOf(ID, headAt(1, 1), headAt(1, 2), {}, { fence: 4 });
        expect(await codeOf(store.applyChange(next))).toBe('STORE_FENCED');
        const undelete = changeOf('deleted', headAt(4, 4), headAt(4, 5), {}, { fence: 9 });
        expect(await codeOf(store.applyChange(undelete))).toBe('STORE_FENCED');
      });

      it('still knows a change whose acknowledgement was lost', async () => {
        await fixture.store.applyChange(FIRST);
        const store = await fixture.reopen();
        await store.applyChange(FIRST);
        expect(await valuesOf(store, ID)).toEqual({ creds: 'c', key: 'k' });
        const fork = { ...FIRST, head: headAt(1, 1, 'fork') };
        expect(await codeOf(store.applyChange(fork))).toBe('STORE_DIVERGED');
      });
    });
  });
}
