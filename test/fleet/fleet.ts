import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contact } from '../../src/simulator/contact.ts';
import type { LinkedDevice } from '../../src/simulator/linked-device.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/condition.ts';
import { createDatabase, type Database } from '../support/database.ts';
import { createFleetServer, type FleetServer } from './fleet-server.ts';
import { createJournal, type Journal, type SeenStatus } from './journal.ts';

/**
 * A life this short makes a take-over a matter of seconds, and is still three renewals long on a busy machine. A server
 * counts the silence of a transaction in whole seconds, and it is to be a third of a life.
 */
export const LEASE_MS = 3_000;

/** Several server processes of one database and one simulated WhatsApp. */
export interface Fleet {
  readonly simulator: Simulator;
  readonly database: Database;
  readonly servers: readonly FleetServer[];
  readonly sessions: readonly FleetSession[];
  readonly journal: Journal;
  server(name: string): FleetServer;
  /** Makes so many sessions, spread over the servers that are up, and scans their codes. */
  pair(count: number): Promise<void>;
  /** The server that says it runs the session, and can be asked. */
  runnerOf(sessionId: string): FleetServer | undefined;
  close(): Promise<void>;
}

export interface FleetSession {
  readonly id: string;
  readonly phone: Phone;
  /** Whom its phone writes with. */
  readonly contact: Contact;
  readonly device: LinkedDevice;
}

export interface FleetOptions {
  /** Of the database server; the fleet makes a database of its own there. */
  readonly databaseUrl: string;
  readonly names: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Pairings under way at once. */
const PAIRINGS = 6;

/** None of its servers runs yet. */
export async function createFleet({ databaseUrl, names, environment }: FleetOptions): Promise<Fleet> {
  const simulator = await startSimulator({ preKeyFloor: 1 });
  const database = createDatabase(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'sessiongraph-fleet-'));
  const journal = createJournal();
  const sessions: FleetSession[] = [];
  const servers = await Promise.all(names.map(createServer));

  function createServer(name: string): Promise<FleetServer> {
    return createFleetServer({
      name,
      folder,
      journal,
      databasePort: database.serverPort,
      environment: port => ({
        ...database.environment(port),
        WHATSAPP_WS_URL: simulator.url,
        STORES: `file,${database.store}`,
        WRITE_ACK: 'all',
        START_WITHOUT_STORES: 'refuse',
        LEASE_LIFETIME_MS: String(LEASE_MS),
        STORE_DEADLINE_MS: '3000',
        ...environment,
      }),
    });
  }

  async function pairOne(number: number, server: FleetServer): Promise<FleetSession> {
    const id = `shop-${number}`;
    const phone = simulator.createPhone({ number: String(15_550_100_000 + number) });
    const contact = simulator.createContact({ number: String(15_550_200_000 + number) });
    await server.ask('mutation ($id: ID!) { createSession(input: { id: $id }) { session { id } } }', { id });
    const code = await until(`a QR code of ${id} is shown`, async () => {
      const { session } = await server.ask('query ($id: ID!) { session(id: $id) { qr { data } } }', { id });
      return session.qr?.data as string | undefined;
    });
    const device = await phone.scan(code);
    await device.online();
    await until(`${id} is connected`, () => journal.newestStatus(server.name, id)?.status === 'CONNECTED');
    return { id, phone, contact, device };
  }

  return {
    simulator,
    database,
    servers,
    sessions,
    journal,

    server(name) {
      const found = servers.find(server => server.name === name);
      if (!found) throw new Error(`there is no server ${name}`);
      return found;
    },

    async pair(count) {
      const up = servers.filter(({ condition }) => condition === 'up');
      const numbers = Array.from({ length: count }, (_, place) => sessions.length + place + 1);
      await Promise.all(
        Array.from({ length: PAIRINGS }, async () => {
          for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
            sessions.push(await pairOne(number, up[number % up.length] as FleetServer));
          }
        }),
      );
    },

    runnerOf: sessionId =>
      servers.find(
        ({ name, condition }) =>
          condition === 'up' && journal.newestStatus(name, sessionId)?.status === 'CONNECTED',
      ),

    async close() {
      await Promise.all(servers.map(server => server.close()));
      await simulator.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when a server, any or this one, has the session connected, with what it said then. */
export function connectedOn(
  fleet: Fleet,
  sessionId: string,
  name?: string,
  timeoutMs = 30_000,
): Promise<SeenStatus> {
  return until(
    `${sessionId} is connected on ${name ?? 'a server'}`,
    () => {
      const runner = name === undefined ? fleet.runnerOf(sessionId) : fleet.server(name);
      const status = runner && fleet.journal.newestStatus(runner.name, sessionId);
      return status?.status === 'CONNECTED' && status;
    },
    timeoutMs,
  );
}

/** Resolves when a server stands by for the session. */
export function standsBy(fleet: Fleet, sessionId: string, name: string): Promise<SeenStatus> {
  return until(
    `${name} stands by for ${sessionId}`,
    () => {
      const status = fleet.journal.newestStatus(name, sessionId);
      return status?.status === 'STANDBY' && status;
    },
    30_000,
  );
}
