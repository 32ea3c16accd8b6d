import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contact } from '../../src/simulator/contact.ts';
import type { LinkedDevice } from '../../src/simulator/linked-device.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from './condition.ts';
import { coldLauncher, type Launcher, type ServerProcess, startServerProcess } from './server-process.ts';

export const SESSION = 'shop';

/** A simulated WhatsApp, and the folder in which servers keep their stores; servers come and go. */
export interface ServerWorld {
  readonly simulator: Simulator;
  readonly phone: Phone;
  readonly contact: Contact;
  readonly firstStore: string;
  readonly secondStore: string;
  start(environment?: Record<string, string>): Promise<ServerProcess>;
  wipeFirstStore(): Promise<void>;
  close(): Promise<void>;
}

export interface ServerWorldOptions {
  readonly whatsApp?: SimulatorOptions;
  readonly launcher?: Launcher;
  /** Of every server; two file stores where it says nothing of stores. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function createServerWorld(options: ServerWorldOptions = {}): Promise<ServerWorld> {
  const { launcher = coldLauncher } = options;
  const simulator = await startSimulator({ preKeyFloor: 1, ...options.whatsApp });
  const folder = await mkdtemp(join(tmpdir(), 'sessiongraph-test-'));
  const firstStore = join(folder, 'first');
  const secondStore = join(folder, 'second');
  const running = new Set<ServerProcess>();
  return {
    simulator,
    phone: simulator.createPhone({ number: '15550001' }),
    contact: simulator.createContact({ number: '15550002' }),
    firstStore,
    secondStore,
    async start(environment = {}) {
      const server = await startServerProcess(
        {
          WHATSAPP_AUTH_DIR: firstStore,
          WHATSAPP_WS_URL: simulator.url,
          STORES: `file,file:${secondStore}`,
          WRITE_ACK: 'all',
          ...options.environment,
          ...environment,
        },
        launcher,
      );
      running.add(server);
      server.process.once('exit', () => running.delete(server));
      return server;
    },
    wipeFirstStore: () => rm(firstStore, { recursive: true }),
    async close() {
      await Promise.all([...running].map(server => server.kill('SIGKILL')));
      launcher.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Creates the session, scans the code that the API shows, and waits until it is connected. */
export async function pairByQr({ api }: ServerProcess, phone: Phone): Promise<LinkedDevice> {
  await api.request('mutation ($id: ID!) { createSession(input: { id: $id }) { session { status } } }', {
    id: SESSION,
  });
  const code = await until('a QR code is shown', () => readQr(api));
  const device = await phone.scan(code);
  await waitForStatus(api, 'CONNECTED');
  return device;
}

async function readQr(api: ServerProcess['api']): Promise<string | undefined> {
  const { session } = await api.request('query ($id: ID!) { session(id: $id) { qr { data } } }', {
    id: SESSION,
  });
  return session.qr?.data;
}

export function waitForStatus(api: ServerProcess['api'], status: string): Promise<string> {
  return until(`the session is ${status}`, async () => {
    const { session } = await api.request('query ($id: ID!) { session(id: $id) { status } }', {
      id: SESSION,
    });
    return session?.status === status && status;
  });
}

export async function sendText(
  { api }: ServerProcess,
  to: string,
  text: string,
  messageId?: string,
): Promise<string> {
  const mutation = 'mutation ($input: SendTextInput!) { sendText(input: $input) { messageId } }';
  return (await api.request(mutation, { input: { id: SESSION, to, text, messageId } })).sendText.messageId;
}
