import { until } from '../support/condition.ts';
import type { DatabaseServer } from '../support/database-server.ts';
import { connectedOn, type Fleet } from './fleet.ts';
import type { FleetServer } from './fleet-server.ts';
import type { Traffic } from './traffic.ts';

export interface FaultPlan {
  readonly database: DatabaseServer;
  readonly traffic: Traffic;
  /** In [0, 1); seeded. */
  readonly random: () => number;
  readonly lifetimeMs: number;
  /** Servers whose process has to live on: what it becomes in a long life is looked at. */
  readonly spared: readonly string[];
  readonly isOver: () => boolean;
}

/** After several faults in a row a server waits for up to half a minute before it tries again. */
const PATIENCE_MS = 120_000;

/** One thing at a time goes wrong, until it is over; after each all sessions are connected again. Counts what was done. */
export async function runRandomFaults(fleet: Fleet, plan: FaultPlan): Promise<Record<string, number>> {
  const { database, traffic, random, lifetimeMs } = plan;
  const done: Record<string, number> = {};

  const moreTraffic = () => {
    const before = traffic.count;
    const enough = Math.max(4, fleet.sessions.length / 4);
    return until('there is more traffic', () => traffic.count > before + enough, 60_000);
  };
  /** Past the end of its leases, so that others begin; or not quite. */
  const lasting = () => new Promise(resolve => setTimeout(resolve, lifetimeMs * (0.4 + 1.2 * random())));

  const ofProcess: Readonly<Record<string, (server: FleetServer) => Promise<void>>> = {
    async kill(server) {
      await server.kill();
      if (random() < 0.5) await lasting();
      await server.start();
    },
    async restart(server) {
      await server.stop();
      await server.start();
    },
  };
  const others: Readonly<Record<string, (server: FleetServer) => Promise<unknown>>> = {
    async pause(server) {
      server.pause();
      await lasting();
      server.resume();
    },
    async cut({ proxy }) {
      proxy.become({ kind: 'black-hole' });
      await lasting();
      proxy.become({ kind: 'good' });
      proxy.resetAll();
    },
    async reset({ proxy }) {
      proxy.resetAll();
    },
    async latency({ proxy }) {
      proxy.become({ kind: 'latency', ms: 20 + 100 * random() });
      await moreTraffic();
      proxy.become({ kind: 'good' });
    },
    database: () => database.restart(),
  };

  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  while (!plan.isOver()) {
    const server = one(fleet.servers);
    const possible = plan.spared.includes(server.name) ? others : { ...ofProcess, ...others };
    const [name, strike] = one(Object.entries(possible));
    await strike(server);
    done[name] = (done[name] ?? 0) + 1;
    for (const { id } of fleet.sessions) await connectedOn(fleet, id, undefined, PATIENCE_MS);
    await moreTraffic();
  }
  return done;
}
