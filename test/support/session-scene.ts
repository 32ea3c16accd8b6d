import pino from 'pino';
import type { ClientVersion } from '../../src/core/baileys/client-version.ts';
import { silenceConsole } from '../../src/core/baileys/libsignal-console.ts';
import { createStoreChain } from '../../src/core/chain/store-chain.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { createLeaseKeeper } from '../../src/core/leases/lease-keeper.ts';
import { createKeyring } from '../../src/core/sealing/keyring.ts';
import { createSessionEvents } from '../../src/core/sessions/session-events.ts';
import { createSessionManager, type SessionManager } from '../../src/core/sessions/session-manager.ts';
import type { SessionView } from '../../src/core/sessions/session-views.ts';
import { createSessionVault, type SessionVault } from '../../src/core/vault/session-vault.ts';
import type { Contact } from '../../src/simulator/contact.ts';
import type { LinkedDevice } from '../../src/simulator/linked-device.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createFaultyStore, type FaultyStore } from '../contract/faulty-store.ts';
import { until } from './condition.ts';

/** A simulated WhatsApp, stores that go wrong on demand, and the managers that run on them. */
export interface SessionScene {
  readonly simulator: Simulator;
  readonly first: FaultyStore;
  readonly second: FaultyStore;
  readonly phone: Phone;
  readonly contact: Contact;
  startManager(options?: ManagerOptions): Promise<SessionManager>;
  /** Not booted yet. */
  createManager(options?: ManagerOptions): SessionManager;
  close(): Promise<void>;
}

export interface ManagerOptions {
  readonly url?: string;
  readonly silenceMs?: number;
  readonly qrTimeout?: number;
  readonly storeDeadlineMs?: number;
  readonly version?: ClientVersion;
  readonly clock?: Clock;
  /** Both stores where left out. */
  readonly awaited?: readonly string[];
  readonly startWithoutStores?: 'allow' | 'refuse';
  /** What the manager is given in place of the vault. */
  readonly around?: (vault: SessionVault) => SessionVault;
  /** Every pause is a short one where left out. */
  readonly random?: () => number;
}

export async function startSessionScene(): Promise<SessionScene> {
  silenceConsole();
  const simulator = await startSimulator({ preKeyFloor: 1 });
  const [first, second] = [createFaultyStore('first'), createFaultyStore('second')];
  const keyring = await createKeyring(['a'.repeat(64)]);
  const managers: SessionManager[] = [];

  async function startManager(options?: ManagerOptions): Promise<SessionManager> {
    const manager = createManager(options);
    await manager.boot();
    return manager;
  }

  function createManager(options: ManagerOptions = {}): SessionManager {
    const { url = simulator.url, silenceMs = 10_000, qrTimeout, storeDeadlineMs = 500, version } = options;
    const { clock = systemClock, random = () => 0.02, around = vault => vault } = options;
    const deadline = { clock, ms: storeDeadlineMs };
    const chain = createStoreChain({
      stores: [first, second],
      awaited: new Set(options.awaited ?? ['first', 'second']),
      deadline,
      maxPendingBytes: 1e6,
      startWithoutStores: options.startWithoutStores ?? 'allow',
    });
    const shared = { chain, deadline, clock, leases: createLeaseKeeper({ chain, clock, holder: 'test' }) };
    const manager = createSessionManager({
      ...shared,
      keyring,
      vault: around(createSessionVault({ ...shared, keyring, cacheBytes: 1 << 18 })),
      random,
      events: createSessionEvents(),
      logger: pino({ level: 'silent' }),
      socket: { url, silenceMs, ...(version && { version }), ...(qrTimeout && { timers: { qrTimeout } }) },
    });
    managers.push(manager);
    return manager;
  }

  return {
    simulator,
    first,
    second,
    phone: simulator.createPhone({ number: '15550001' }),
    contact: simulator.createContact({ number: '15550002' }),
    startManager,
    createManager,
    async close() {
      await Promise.all(managers.map(manager => manager.shutdown()));
      await simulator.close();
    },
  };
}

export function waitForStatus(
  manager: Pick<SessionManager, 'readSession'>,
  id: string,
  status: SessionView['status'],
): Promise<SessionView> {
  return until(`session ${id} is ${status}`, async () => {
    const view = await manager.readSession(id);
    return view?.status === status && view;
  });
}

export async function pair(manager: SessionManager, phone: Phone, id = 'shop'): Promise<LinkedDevice> {
  await manager.createSession({ id });
  const qr = await manager.watchQr(id).next();
  const device = await phone.scan(qr.value.data);
  await waitForStatus(manager, id, 'CONNECTED');
  await device.online();
  return device;
}

/** The texts that a subscriber of all messages has seen so far, in order. */
export function collectTexts(manager: Pick<SessionManager, 'watchMessages'>): string[] {
  const texts: string[] = [];
  const messages = manager.watchMessages({ isVisible: () => true });
  void (async () => {
    for await (const { text } of messages) if (text !== undefined) texts.push(text);
  })();
  return texts;
}

/** What a client sends from here on is lost on its way, and nobody says so. */
export function loseMessages(simulator: Simulator): { isLost(): boolean; stop(): void } {
  let isLost = false;
  const stop = simulator.intercept(({ direction, node }) => {
    if (direction !== 'from-client' || node.tag !== 'message') return undefined;
    isLost = true;
    return 'drop';
  });
  return { isLost: () => isLost, stop };
}
