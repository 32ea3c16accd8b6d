import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createKeyring } from '../../src/core/keyring.ts';
import { createSessionEvents } from '../../src/core/session-events.ts';
import { createSessionManager } from '../../src/core/session-manager.ts';
import { createSessionVault } from '../../src/core/session-vault.ts';
import type { SessionStore } from '../../src/core/store.ts';
import { createStoreChain } from '../../src/core/store-chain.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createMemoryStore } from '../contract/memory-store.ts';
import { until } from '../support/condition.ts';

const deadline = { clock: systemClock, ms: 2_000 };
let simulator: Simulator;
beforeEach(async () => {
  for (const method of ['info', 'warn', 'error'] as const) vi.spyOn(console, method).mockReturnValue();
  simulator = await startSimulator({ preKeyFloor: 1 });
});
afterEach(() => simulator.close());

async function startManager(stores: [SessionStore, ...SessionStore[]]) {
  const chain = createStoreChain({
    stores,
    awaited: new Set(stores.map(s => s.name)),
    deadline,
    maxPendingBytes: 1e6,
  });
  const keyring = await createKeyring(['a'.repeat(64)]);
  const vault = createSessionVault({
    chain,
    keyring,
    holder: 'test',
    deadline,
    cacheBytes: 1 << 18,
    startWithoutStores: 'allow',
  });
  const manager = createSessionManager({
    chain,
    vault,
    deadline,
    clock: systemClock,
    random: Math.random,
    holder: 'test',
    events: createSessionEvents(),
    logger: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
    socket: { url: simulator.url, silenceMs: 10_000 },
  });
  await manager.boot();
  return manager;
}

it('pairs, talks, restarts on the second store, and talks again', async () => {
  const second = createMemoryStore({ name: 'second' });
  const manager = await startManager([createMemoryStore({ name: 'first' }), second]);
  const phone = simulator.createPhone({ number: '15550001' });
  const contact = simulator.createContact({ number: '15550002' });
  await manager.createSession({ id: 'one' });
  const qr = await manager.watchQr('one').next();
  await phone.scan(qr.value.data);
  await until('connected', async () => (await manager.readSession('one'))?.status === 'CONNECTED');
  const messages = manager.watchMessages({ id: 'one' });
  await contact.sendText(phone, 'hello');
  expect((await messages.next()).value).toMatchObject({
    text: 'hello',
    senderPhoneNumber: '+15550002',
    fromMe: false,
  });
  await manager.sendText({ id: 'one', to: '+15550002', text: 'hi there' });
  await contact.waitForText('hi there');
  await manager.shutdown();

  await contact.sendText(phone, 'while you were away');
  const again = await startManager([createMemoryStore({ name: 'first' }), second]);
  const more = again.watchMessages({ id: 'one' });
  expect((await more.next()).value).toMatchObject({ text: 'while you were away' });
  await again.sendText({ id: 'one', to: '+15550002', text: 'back' });
  await contact.waitForText('back');
  console.log(await again.readCopies('one'), await again.readStores(), await again.readSession('one'));
  expect(simulator.anomalies).toEqual([]);
  await again.shutdown();
});
