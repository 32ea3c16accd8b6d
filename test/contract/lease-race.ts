import { expect } from 'vitest';
import { StoreError } from '../../src/core/errors.ts';
import { type Lease, type LeaseStore, ORIGIN, type SessionStore } from '../../src/core/store.ts';
import { changeOf, headAt } from './sample-changes.ts';

export interface LeaseRace {
  /** One for each server; all of them have the same data. */
  readonly stores: readonly SessionStore[];
  readonly passTime: (ms: number) => Promise<void>;
  /** In [0, 1); seeded, so that a failure can be repeated. */
  readonly random: () => number;
  /** Of each server. */
  readonly steps: number;
}

const SESSIONS = ['personal', 'Personal'];

/** What is known of a session for certain, from what the servers were told. */
interface Ledger {
  /** Of all leases whose acquisition was answered. */
  highest: number;
  readonly epochs: Set<number>;
  /** The lease that was last answered, unless something happened since that may have ended it. */
  secure: Lease | undefined;
  /** How many things of that kind began or ended, and how many are under way. */
  disturbances: number;
  underWay: number;
}

/** Several servers that acquire, take over, renew, release and write at random. Resolves to how often what happened. */
export async function raceForLeases(race: LeaseRace): Promise<Record<string, number>> {
  const ledgers = new Map<string, Ledger>(
    SESSIONS.map(id => [
      id,
      { highest: 0, epochs: new Set<number>(), secure: undefined, disturbances: 0, underWay: 0 },
    ]),
  );
  const counts: Record<string, number> = {};
  await Promise.all(race.stores.map((store, index) => runServer({ race, store, index, ledgers, counts })));
  for (const [sessionId, { highest }] of ledgers)
    for (const store of race.stores) {
      const running = await store.leases?.readLease(sessionId);
      if (running) expect(running.epoch).toBe(highest);
    }
  return counts;
}

interface Server {
  readonly race: LeaseRace;
  readonly store: SessionStore;
  readonly index: number;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly counts: Record<string, number>;
}

async function runServer({ race, store, index, ledgers, counts }: Server): Promise<void> {
  const holder = `server-${index}`;
  const leases = store.leases as LeaseStore;
  const held = new Map<string, Lease>();
  /** What may end the lease of somebody else, at any moment until it is answered. */
  async function disturbing<T>(disturbed: Iterable<Ledger>, call: () => Promise<T>): Promise<T> {
    const note = (change: 1 | -1) => {
      for (const ledger of disturbed) {
        ledger.disturbances += 1;
        ledger.underWay += change;
        ledger.secure = undefined;
      }
    };
    note(1);
    try {
      return await call();
    } finally {
      note(-1);
    }
  }
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  async function acquire(sessionId: string, ledger: Ledger, whereHeld: 'refuse' | 'take-over') {
    const before = ledger.highest;
    const disturbed = whereHeld === 'take-over' ? [ledger] : [];
    // Its own beginning and end count as well.
    const at = ledger.disturbances + 2 * disturbed.length;
    const answer = await disturbing(disturbed, () =>
      codeOr(leases.acquireLease({ sessionId, holder, above: 0, whereHeld })),
    );
    if (typeof answer === 'string') {
      expect([answer, whereHeld]).toEqual(['SESSION_HELD_ELSEWHERE', 'refuse']);
      return count('refused');
    }
    count(whereHeld === 'refuse' ? 'acquired' : 'taken over');
    expect(answer.epoch, 'epochs strictly grow').toBeGreaterThan(before);
    expect(ledger.epochs.has(answer.epoch), 'one winner an epoch').toBe(false);
    const isUndisturbed = ledger.disturbances === at && ledger.underWay === 0;
    if (isUndisturbed && ledger.secure) expect(ledger.secure.holder, 'nobody else holds it').toBe(holder);
    ledger.epochs.add(answer.epoch);
    ledger.highest = Math.max(ledger.highest, answer.epoch);
    if (isUndisturbed) ledger.secure = answer;
    held.set(sessionId, answer);
  }

  async function renew(lease: Lease, ledger: Ledger) {
    const { highest, secure, disturbances } = ledger;
    const isHeld = (await leases.renewLeases([lease])).length === 1;
    count(isHeld ? 'renewed' : 'ended');
    if (highest > lease.epoch) expect(isHeld, 'a lease that was taken can not be renewed').toBe(false);
    if (secure === lease && ledger.disturbances === disturbances)
      expect(isHeld, 'a lease that nobody took can be renewed').toBe(true);
    if (!isHeld) held.delete(lease.sessionId);
  }

  async function release(lease: Lease, ledger: Ledger) {
    await disturbing([ledger], () => leases.releaseLease(lease));
    count('released');
    held.delete(lease.sessionId);
  }

  async function write({ sessionId, epoch }: Lease, ledger: Ledger) {
    const { highest } = ledger;
    const code = await codeOr(
      store.applyChange(changeOf(sessionId, ORIGIN, headAt(epoch, 1), { by: holder })),
    );
    count(`write ${code}`);
    if (highest > epoch) expect(code, 'an old owner lands nothing').toBe('STORE_FENCED');
  }

  async function passTime() {
    await disturbing([...ledgers.values()], () => race.passTime(2 * leases.lifetimeMs));
    count('time passed');
  }

  for (let step = 0; step < race.steps; step += 1) {
    const sessionId = SESSIONS[Math.floor(race.random() * SESSIONS.length)] ?? '';
    const ledger = ledgers.get(sessionId) as Ledger;
    const lease = held.get(sessionId);
    const dice = race.random();
    if (dice < 0.04) await passTime();
    else if (!lease || dice < 0.2) await acquire(sessionId, ledger, dice < 0.12 ? 'take-over' : 'refuse');
    else if (dice < 0.55) await renew(lease, ledger);
    else if (dice < 0.75) await write(lease, ledger);
    else await release(lease, ledger);
  }
}

async function codeOr<T>(call: Promise<T>): Promise<T | string> {
  return call.catch(error => {
    if (error instanceof StoreError) return error.code;
    throw error;
  });
}
