import pino from 'pino';
import { expect } from 'vitest';
import { silenceConsole } from '../../src/core/baileys/libsignal-console.ts';
import { createStoreChain, type StoreChain } from '../../src/core/chain/store-chain.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Bus } from '../../src/core/fleet/bus.ts';
import { createFleet, type Fleet } from '../../src/core/fleet/fleet.ts';
import { createLeaseKeeper } from '../../src/core/leases/lease-keeper.ts';
import { createKeyring } from '../../src/core/sealing/keyring.ts';
import { createSessionEvents, type SessionEvents } from '../../src/core/sessions/session-events.ts';
import { createSessionManager, type SessionManager } from '../../src/core/sessions/session-manager.ts';
import type { Sessions } from '../../src/core/sessions/sessions.ts';
import { createSessionVault } from '../../src/core/vault/session-vault.ts';
import type { Contact } from '../../src/simulator/contact.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createFaultyStore, type FaultyStore } from '../contract/faulty-store.ts';
import { createMemoryDisk } from '../contract/memory-store.ts';

export const LEASE_MS = 2_000;

/** Several servers of one process: each with a disk of its own, and all with one database, which each can lose. */
export interface FleetScene {
  readonly simulator: Simulator;
  readonly phone: Phone;
  readonly contact: Contact;
  start(name: string, options?: ServerOptions): Promise<FleetServer>;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly startWithoutStores?: 'allow' | 'refuse';
  /** What is on its disk from an earlier life. */
  readonly file?: FaultyStore;
  readonly sharedIs?: 'up' | 'down';
  /** Every pause is a short one where left out. */
  readonly random?: () => number;
}

export interface FleetServer {
  readonly manager: SessionManager;
  /** What its clients call: the sessions of all servers, where there is a bus between them. */
  readonly sessions: Sessions;
  /** Its place on the bus. */
  readonly bus: Bus | undefined;
  readonly file: FaultyStore;
  /** What this server sees of the database. */
  readonly shared: FaultyStore;
}

/** `connect`: a place on the bus, for each server that starts. */
export async function startFleetScene(connect?: () => Bus): Promise<FleetScene> {
  silenceConsole();
  const simulator = await startSimulator({ preKeyFloor: 1 });
  const keyring = await createKeyring(['a'.repeat(64)]);
  const database = createMemoryDisk();
  const managers: SessionManager[] = [];
  const buses: Bus[] = [];

  function joinFleet(self: string, bus: Bus, chain: StoreChain, events: SessionEvents): Fleet {
    buses.push(bus);
    return createFleet({
      bus,
      keyring,
      events,
      self,
      clock: systemClock,
      findHolder: async id => (await chain.leases.readLease(id))?.holder,
      onRefused: why => expect.fail(`a message was refused: ${why}`),
      onUnexpected: error => expect.fail(String(error)),
    });
  }

  async function start(name: string, options: ServerOptions = {}): Promise<FleetServer> {
    const { startWithoutStores = 'refuse', file = createFaultyStore('file') } = options;
    const shared = createFaultyStore('shared', { disk: database, leaseLifetimeMs: LEASE_MS });
    if (options.sharedIs === 'down') shared.goDown();
    const clock = systemClock;
    const deadline = { clock, ms: 500 };
    const awaited = new Set(startWithoutStores === 'refuse' ? ['file', 'shared'] : ['file']);
    const stores = [file, shared] as const;
    const chain = createStoreChain({ stores, awaited, deadline, maxPendingBytes: 1e6, startWithoutStores });
    const leases = createLeaseKeeper({ chain, clock, holder: name });
    const deps = { chain, deadline, clock, leases };
    const events = createSessionEvents();
    const bus = connect?.();
    const fleet = bus && joinFleet(name, bus, chain, events);
    const manager = createSessionManager({
      ...deps,
      keyring,
      vault: createSessionVault({ ...deps, keyring, cacheBytes: 1 << 18 }),
      random: options.random ?? (() => 0.02),
      events: fleet?.events ?? events,
      logger: pino({ level: 'silent' }),
      socket: { url: simulator.url, silenceMs: 10_000 },
    });
    managers.push(manager);
    const sessions = fleet?.join(manager) ?? manager;
    await manager.boot();
    return { manager, sessions, bus, file, shared };
  }

  return {
    simulator,
    phone: simulator.createPhone({ number: '15550001' }),
    contact: simulator.createContact({ number: '15550002' }),
    start,
    async close() {
      await Promise.all(managers.map(manager => manager.shutdown()));
      await Promise.all(buses.map(bus => bus.close()));
      await simulator.close();
    },
  };
}
