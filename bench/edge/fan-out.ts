import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askHeldMemory } from '../../test/support/held-memory.ts';
import type { IdleServer } from '../idle-server.ts';
import type { Arrived } from './subscribers.ts';

const SUBSCRIBERS = fileURLToPath(new URL('./subscribers.js', import.meta.url));
/** A subject may have 20 sockets. */
const SUBJECTS = 50;
export const SUBSCRIBER_COUNT = SUBJECTS * 20;
const SETTLING_MS = 3_000;
const EVENTS = 40;
const BETWEEN_MS = 100;

export interface FanOut {
  /** Of each event, to its last arrival. */
  readonly lastArrivalsMs: readonly number[];
  /** What the server holds for one, garbage not counted. */
  readonly kibEach: number;
}

/** One session is stopped and started; every change is an event to all. */
export async function measureFanOut(
  server: IdleServer,
  sessionId: string,
  memoryFile: string,
): Promise<FanOut> {
  const before = await heldKib(server, memoryFile);
  const subscribers = await subscribe(server);
  const kibEach = ((await heldKib(server, memoryFile)) - before) / SUBSCRIBER_COUNT;
  const lastArrivalsMs = await timeEvents(server, sessionId, subscribers);
  subscribers.removeAllListeners('exit').kill();
  return { lastArrivalsMs, kibEach };
}

/** All of them are there when it resolves. They end with this process at the latest. */
async function subscribe(server: IdleServer): Promise<ChildProcess> {
  const subjects = Array.from({ length: SUBJECTS }, (_, number) => `subscriber-${number}`);
  const tokens = await Promise.all(subjects.map(server.tokenFor));
  const subscribers = fork(SUBSCRIBERS, [server.url, ...tokens]);
  await new Promise((resolve, reject) => subscribers.once('message', resolve).once('exit', reject));
  return subscribers;
}

async function timeEvents(
  server: IdleServer,
  sessionId: string,
  subscribers: ChildProcess,
): Promise<readonly number[]> {
  const lastArrivalsMs: number[] = [];
  subscribers.on('message', ({ lastMs }: Arrived) => lastArrivalsMs.push(lastMs));
  for (let turn = 0; lastArrivalsMs.length < EVENTS; turn += 1) {
    const verb = turn % 2 === 0 ? 'startSession' : 'stopSession';
    await server.request(`mutation ($id: ID!) { ${verb}(input: { id: $id }) { session { id } } }`, {
      id: sessionId,
    });
    await pause(BETWEEN_MS);
  }
  return lastArrivalsMs;
}

async function heldKib({ pid }: IdleServer, memoryFile: string): Promise<number> {
  await pause(SETTLING_MS);
  return (await askHeldMemory(pid, memoryFile)).liveBytes / 1024;
}
