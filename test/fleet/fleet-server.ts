import { join } from 'node:path';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { askHeldMemory, type HeldMemory, reportingTo } from '../support/held-memory.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import type { Fault, Journal } from './journal.ts';

/** `down`: there is no process. `paused`: it has one that does nothing, and keeps its sockets. */
export type Condition = 'down' | 'starting' | 'up' | 'paused' | 'stopping';

/** One server of a fleet over all its lives: with its own disk, and its own network to the database. */
export interface FleetServer {
  readonly name: string;
  /** Between it and the database. */
  readonly proxy: FaultProxy;
  readonly condition: Condition;
  readonly pid: number | undefined;
  /** Resolves when it serves and somebody hears what it says. */
  start(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** SIGTERM, and SIGKILL after so long. Resolves, when it is gone, with what did it. */
  stop(graceMs?: number): Promise<'by-itself' | 'killed'>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** The data; rejects at once when the server is killed or paused meanwhile. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, and each caller knows its own
  ask(query: string, variables?: Record<string, unknown>): Promise<any>;
  /** Only of a server that is up. */
  heldMemory(): Promise<HeldMemory>;
  /** Of all its lives. */
  output(): string;
  close(): Promise<void>;
}

export interface FleetServerOptions {
  readonly name: string;
  /** Where its disk is. */
  readonly folder: string;
  readonly databasePort: number;
  /** Beside what makes it this server; given the port at which it finds the database. */
  readonly environment: (databasePort: number) => Readonly<Record<string, string>>;
  readonly journal: Journal;
}

const MESSAGES = 'subscription { messageReceived { text } }';
const STATUSES = `subscription { sessionStatusChanged {
  session { id heldBy epoch revision } status reason { code message } at
} }`;
/** Longer than the server gives itself. */
const GRACE_MS = 15_000;

export async function createFleetServer(options: FleetServerOptions): Promise<FleetServer> {
  const { name, journal } = options;
  const proxy = await startFaultProxy({ port: options.databasePort });
  const memoryFile = join(options.folder, `${name}.memory`);
  const asked = new Set<(error: Error) => void>();
  const outputs: (() => string)[] = [];
  let condition: Condition = 'down';
  let life: ServerProcess | undefined;
  let pause: Fault | undefined;

  function note(kind: Fault['kind'], from = Date.now(), to?: number): Fault {
    const fault: Fault = { kind, server: name, from, to };
    journal.faults.push(fault);
    return fault;
  }

  function become(next: Condition): void {
    condition = next;
    if (next !== 'down' && next !== 'paused') return;
    for (const reject of asked) reject(new Error(`server ${name} is ${next}`));
    asked.clear();
  }

  async function listen({ api }: ServerProcess): Promise<void> {
    api.subscribe(MESSAGES, {}, ({ messageReceived: { text } }) => {
      if (text !== null && !journal.seen.has(text)) journal.seen.set(text, Date.now());
    });
    api.subscribe(STATUSES, {}, ({ sessionStatusChanged: { session, ...seen } }) => {
      journal.noteStatus({
        server: name,
        sessionId: session.id,
        status: seen.status,
        reason: seen.reason?.code,
        why: seen.reason?.message,
        heldBy: session.heldBy ?? undefined,
        epoch: Number(session.epoch),
        revision: Number(session.revision),
        at: Date.parse(seen.at),
      });
    });
    await api.subscribed();
  }

  async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    become('starting');
    const unheard = note('unheard');
    const started = await startServerProcess({
      ...options.environment(proxy.port),
      ...reportingTo(memoryFile),
      INSTANCE_ID: name,
      WHATSAPP_AUTH_DIR: join(options.folder, name),
      ...environment,
    });
    life = started;
    outputs.push(started.output);
    started.process.once('exit', () => life === started && become('down'));
    await listen(started);
    unheard.to = Date.now();
    become('up');
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    await life?.kill(signal);
    become('down');
  }

  async function stop(graceMs = GRACE_MS): Promise<'by-itself' | 'killed'> {
    become('stopping');
    let outcome: 'by-itself' | 'killed' = 'by-itself';
    const patience = setTimeout(() => {
      outcome = 'killed';
      note('killed');
      life?.process.kill('SIGKILL');
    }, graceMs);
    await end('SIGTERM');
    clearTimeout(patience);
    return outcome;
  }

  return {
    name,
    proxy,
    start,
    stop,
    output: () => outputs.map(read => read()).join(''),
    get condition() {
      return condition;
    },
    get pid() {
      return condition === 'down' ? undefined : life?.process.pid;
    },

    async kill() {
      note('killed');
      await end('SIGKILL');
    },

    pause() {
      life?.process.kill('SIGSTOP');
      pause = note('paused');
      become('paused');
    },

    resume() {
      if (pause) pause.to = Date.now();
      pause = undefined;
      become('up');
      life?.process.kill('SIGCONT');
    },

    ask(query, variables) {
      if (condition !== 'up' || life === undefined)
        return Promise.reject(new Error(`server ${name} is ${condition}`));
      const { api } = life;
      return new Promise((resolve, reject) => {
        asked.add(reject);
        api
          .request(query, variables)
          .then(resolve, reject)
          .finally(() => asked.delete(reject));
      });
    },

    heldMemory() {
      const pid = condition === 'up' && life?.process.pid;
      return pid
        ? askHeldMemory(pid, memoryFile)
        : Promise.reject(new Error(`server ${name} is ${condition}`));
    },

    async close() {
      if (condition !== 'down') await end('SIGKILL');
      await proxy.close();
    },
  };
}
