import { until } from '../support/condition.ts';
import { connectedOn, type Fleet, LEASE_MS } from './fleet.ts';
import type { SeenStatus } from './journal.ts';
import { startTraffic } from './traffic.ts';
import { watchWrites } from './write-watch.ts';

export interface PausedReport {
  readonly rounds: number;
  /** Rounds in which what the paused owner was writing could reach the database only after the take-over. */
  readonly roundsWithLateWrites: number;
  /** Writes of an older ownership behind those of a newer one. */
  readonly oldWrites: number;
  /** What happened to a session of the new owner when the old one woke up. */
  readonly disturbed: readonly SeenStatus[];
}

export interface PausedPlan {
  readonly rounds: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Under traffic: the owner is stopped until another server has its sessions, and then goes on as if nothing had been. */
export async function runPausedRounds(fleet: Fleet, { rounds, random }: PausedPlan): Promise<PausedReport> {
  const { journal, sessions, simulator } = fleet;
  const ids = sessions.map(({ id }) => id);
  const disturbed: SeenStatus[] = [];
  let roundsWithLateWrites = 0;
  let oldWrites = 0;
  const writes = await watchWrites(fleet.database);
  const traffic = startTraffic(fleet, { pauseMs: 60, random });

  /** In the middle of a send: after so many messages more have arrived at WhatsApp. */
  async function strike(): Promise<void> {
    const target = simulator.clientMessages.length + 1 + Math.floor(random() * 4);
    await simulator.until(() => simulator.clientMessages.length >= target);
  }

  async function round(ownerName: string, successorName: string): Promise<void> {
    const [owner, successor] = [fleet.server(ownerName), fleet.server(successorName)];
    const isLate = random() < 0.5;
    await strike();
    // What the owner is writing just now arrives when it has been replaced.
    if (isLate) owner.proxy.become({ kind: 'latency', ms: LEASE_MS * 1.5 });
    if (isLate) await new Promise(resolve => setImmediate(resolve));
    owner.pause();
    if (isLate) roundsWithLateWrites += 1;
    const since = await Promise.all(ids.map(id => connectedOn(fleet, id, successor.name)));
    owner.proxy.become({ kind: 'good' });
    const before = traffic.count;
    await until('there is traffic on the new owner', () => traffic.count > before + 4);
    const seenSoFar = journal.statuses.length;
    owner.resume();
    for (const id of ids)
      await until(
        `${owner.name} knows who runs ${id}`,
        () => {
          const seen = journal.newestStatus(owner.name, id);
          return seen?.status === 'STANDBY' && seen.heldBy === successor.name;
        },
        30_000,
      );
    disturbed.push(...journal.statuses.slice(seenSoFar).filter(({ server }) => server === successor.name));
    for (const { sessionId, epoch } of since) oldWrites += await writes.countOlder(sessionId, epoch);
  }

  for (let number = 0; number < rounds; number += 1) {
    const [owner, successor] = number % 2 === 0 ? ['one', 'two'] : ['two', 'one'];
    await round(owner as string, successor as string);
  }
  await traffic.stop();
  await writes.close();
  return { rounds, roundsWithLateWrites, oldWrites, disturbed };
}
