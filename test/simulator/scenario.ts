import { afterEach, expect } from 'vitest';
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

const started: Scenario[] = [];

afterEach(async () => {
  for (const { client, simulator } of started.splice(0)) {
    await client.end();
    await simulator.close();
  }
});

export async function startScenario(options: SimulatorOptions = {}): Promise<Scenario> {
  const simulator = await startSimulator({ preKeyFloor: 1, ...options });
  const phone = simulator.createPhone({ number: '15550001' });
  const contact = simulator.createContact({ number: '15550002' });
  const scenario = { simulator, phone, contact, client: createClient(simulator.url) };
  started.push(scenario);
  return scenario;
}

/** Pairs the client by QR code and logs it in. */
export async function startPaired(options: SimulatorOptions = {}): Promise<PairedScenario> {
  const scenario = await startScenario(options);
  const device = await pair(scenario.client, scenario.phone);
  return { ...scenario, device };
}

export async function pair(client: Client, phone: Phone): Promise<LinkedDevice> {
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
