import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Contact } from '../../src/simulator/contact.ts';
import type { LinkedDevice } from '../../src/simulator/linked-device.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { type Client, createClient } from './client.ts';

/** A simulator with one phone, one contact, and a client. */
export interface Scenario {
  readonly simulator: Simulator;
  readonly phone: Phone;
  readonly contact: Contact;
  readonly client: Client;
}

export interface PairedScenario extends Scenario {
  readonly device: LinkedDevice;
}

const PHONE = '15550001';
const FIRST_CONTACT = 15_550_002;
const started: Scenario[] = [];

afterEach(async () => {
  for (const scenario of started.splice(0)) await stop(scenario);
});

async function open(options: SimulatorOptions): Promise<Scenario> {
  const simulator = await startSimulator({ preKeyFloor: 1, ...options });
  const phone = simulator.createPhone({ number: PHONE });
  const contact = simulator.createContact({ number: String(FIRST_CONTACT) });
  return { simulator, phone, contact, client: createClient(simulator.url) };
}

async function stop({ client, simulator }: Scenario): Promise<void> {
  await client.end();
  await simulator.close();
}

/** For one test; it ends with it. */
export async function startScenario(options: SimulatorOptions = {}): Promise<Scenario> {
  const scenario = await open(options);
  started.push(scenario);
  return scenario;
}

/** For one test, with the client paired by QR code and logged in. */
export async function startPaired(options: SimulatorOptions = {}): Promise<PairedScenario> {
  const scenario = await startScenario(options);
  return { ...scenario, device: await pair(scenario.client, scenario.phone) };
}

/**
 * One paired client for all tests of a file, each with a contact of its own. Pairing is mostly slow signatures.
 * No test of the file may leave an anomaly behind.
 */
export function usePaired(): () => PairedScenario {
  let scenario: PairedScenario | undefined;
  let nextContact = FIRST_CONTACT + 1;
  beforeAll(async () => {
    const opened = await open({});
    scenario = { ...opened, device: await pair(opened.client, opened.phone) };
  });
  afterEach(() => expect(scenario?.simulator.anomalies).toEqual([]));
  afterAll(async () => {
    if (scenario) await stop(scenario);
  });
  return () => {
    if (scenario === undefined) throw new Error('the scenario of this file is not set up');
    return { ...scenario, contact: scenario.simulator.createContact({ number: String(nextContact++) }) };
  };
}

async function pair(client: Client, phone: Phone): Promise<LinkedDevice> {
  client.connect();
  const device = await phone.scan(await client.qr());
  expect(await client.closed()).toBe(515);
  await logIn(client, device);
  await device.synced();
  await client.until(() => client.auth.state.creds.accountSyncCounter === 1);
  return device;
}

export async function logIn(client: Client, device: LinkedDevice): Promise<void> {
  client.connect();
  await client.opened();
  await device.online();
}

/** Ends the client's socket and waits until the server has noticed. */
export async function logOff(client: Client, device: LinkedDevice): Promise<void> {
  await client.end();
  await device.closed();
}

export const gotText = (client: Client, text: string) =>
  client.until(() => client.texts.some(message => message.text === text));
