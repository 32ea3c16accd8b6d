import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contact } from '../simulator/contact.ts';
import type { Phone } from '../simulator/phone.ts';
import { type Group, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { findDatabases } from './databases.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { openSessionClient, type SessionClient } from './session-client.ts';

/** The first store's folder, which is also the data directory of the server. */
const FIRST_STORE = 'whatsapp_auth';
/** Where the story plays: WhatsApp and its people, a folder with two stores, and servers that come and go. */
export interface Stage {
  /** What the story is told under; the rest of the environment is secrets and places. */
  readonly settings: Readonly<Record<'STORES' | 'WRITE_ACK', string>>;
  readonly whatsApp: Simulator;
  /** She owns the phone, and with it the account. */
  readonly ada: Phone;
  readonly grace: Contact;
  readonly harbour: Group;
  startServer(): Promise<Life>;
  wipeFirstStore(): Promise<void>;
  close(): Promise<void>;
}

/** One server process, and a program that uses its API. */
export interface Life {
  readonly server: ServerProcess;
  readonly session: SessionClient;
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'sessiongraph-demo-'));
  // Also where the story is interrupted.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const whatsApp = await startSimulator();
  const ada = whatsApp.createPhone({ number: '15550001', name: 'Ada' });
  const grace = whatsApp.createContact({ number: '15550002', name: 'Grace' });
  const databases = await findDatabases(process.env);
  const others = databases.length > 0 ? databases.map(({ store }) => store) : ['file:second_disk'];
  const settings = { STORES: ['file', ...others].join(), WRITE_ACK: 'all' };
  const environment = {
    ...settings,
    ...Object.assign({}, ...databases.map(database => database.environment)),
    WHATSAPP_AUTH_DIR: FIRST_STORE,
    WHATSAPP_WS_URL: whatsApp.url,
    // A second store is worth nothing if what it holds can only be opened with what the first one keeps.
    SESSION_ENCRYPTION_SECRET: randomBytes(32).toString('hex'),
    PORT: '0',
    LOG_LEVEL: 'fatal',
  };
  const lives: Life[] = [];

  return {
    settings,
    whatsApp,
    ada,
    grace,
    harbour: whatsApp.createGroup({ subject: 'Harbour', members: [ada, grace] }),
    async startServer() {
      const server = await startServerProcess(folder, environment);
      const life = { server, session: openSessionClient(server.url, server.token) };
      lives.push(life);
      return life;
    },
    wipeFirstStore: () => rm(join(folder, FIRST_STORE), { recursive: true }),
    async close() {
      await Promise.all(lives.map(({ server }) => server.end('SIGKILL')));
      await Promise.all(lives.map(({ session }) => session.close()));
      await Promise.all(databases.map(database => database.drop()));
      await whatsApp.close();
    },
  };
}
