import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { BufferJSON, type SignalDataSet } from '@whiskeysockets/baileys';
import { type OpenedState, SYSTEMS, type SystemName } from './bench-system.ts';
import {
  FIRST_PRE_KEYS,
  sampleKeys,
  samplePreKeys,
  sampleSignalSession,
  signalAddress,
} from './sample-state.ts';

/** What the folder of a system holds before a phase begins. */
export type StateName = 'nothing' | '1k' | '10k' | '20k-pre-keys';

export const KEY_COUNTS: Readonly<Record<StateName, number>> = {
  nothing: 0,
  '1k': 1_000,
  '10k': 10_000,
  '20k-pre-keys': 20_000,
};

export type PhaseName = 'pairing' | 'updates' | 'updates-16' | 'open' | 'copy' | 'memory';

export interface PhaseRequest {
  readonly system: SystemName;
  readonly phase: PhaseName | 'prepare';
  readonly state: StateName;
  readonly folder: string;
}

/** Of one phase in one process. Bytes and syncs are of what was timed. */
export interface PhaseResult {
  readonly ms: number;
  /** Of the process, all threads: what does not depend on how busy disk and machine are. */
  readonly cpuMs: number;
  readonly operations: number;
  readonly syncs: number;
  /** Handed to the system in calls that write. */
  readonly writtenBytes: number;
  /** What the values are as Baileys encodes them. */
  readonly payloadBytes: number;
  /** Of the process when the state is open and idle: only differences say something. */
  readonly heapBytes: number;
}

/** A whole blob is so slow that a few saves have to do. */
const UPDATES: Readonly<Record<SystemName, number>> = {
  sessiongraph: 1_000,
  'multi-file': 1_000,
  'creds-only': 1_000,
  'whole-blob': 10,
};

export async function runPhase({ system, phase, state, folder }: PhaseRequest): Promise<PhaseResult> {
  const open = () => SYSTEMS[system](folder);
  const updates = UPDATES[system];
  switch (phase) {
    case 'prepare':
      return onOpened(open, opened => fill(opened, state), 1);
    case 'pairing':
      return timePairing(open);
    case 'updates':
      return timeUpdates(open, { updates, contacts: contactsOf(state), inFlight: 1 });
    case 'updates-16':
      return timeUpdates(open, { updates, contacts: contactsOf(state), inFlight: 16 });
    case 'copy':
      return onOpened(open, opened => opened.copyTo(`${folder}-copy`), 1);
    case 'open':
    case 'memory':
      return timeOpening(open);
  }
}

const contactsOf = (state: StateName): number => Math.ceil((KEY_COUNTS[state] - FIRST_PRE_KEYS) / 4);

async function fill({ state, saveCreds }: OpenedState, name: StateName): Promise<void> {
  const count = KEY_COUNTS[name];
  const keys = name === '20k-pre-keys' ? samplePreKeys(count) : sampleKeys(count);
  for (const part of inParts(keys, 1_000)) await state.keys.set(part);
  await saveCreds();
}

/** A store of one file a key opens as many files at once as it is given keys. */
function* inParts(data: SignalDataSet, size: number): Generator<SignalDataSet> {
  for (const [type, values] of Object.entries(data)) {
    const all = Object.entries(values ?? {});
    for (let start = 0; start < all.length; start += size)
      yield { [type]: Object.fromEntries(all.slice(start, start + size)) };
  }
}

function timePairing(open: () => Promise<OpenedState>): Promise<PhaseResult> {
  const preKeys = samplePreKeys(FIRST_PRE_KEYS);
  const work = async ({ state, saveCreds }: OpenedState) => {
    await state.keys.set(preKeys);
    await saveCreds();
  };
  return onOpened(open, work, 1, { payloadBytes: encodedSize(preKeys['pre-key']) });
}

interface UpdatePlan {
  readonly updates: number;
  readonly contacts: number;
  readonly inFlight: number;
}

/**
 * Each update is one changed signal session, awaited. As many go before and are not timed: a server runs for months,
 * and its code is compiled.
 */
async function timeUpdates(open: () => Promise<OpenedState>, plan: UpdatePlan): Promise<PhaseResult> {
  const { updates, contacts, inFlight } = plan;
  const makeRecord = () => ({
    id: signalAddress(Math.floor(Math.random() * contacts)),
    value: sampleSignalSession(),
  });
  const [early, timed] = [0, 1].map(() => Array.from({ length: updates }, makeRecord));
  const payloadBytes = encodedSize(timed?.map(({ value }) => value));
  const updating =
    (records: typeof timed = []) =>
    async ({ state }: OpenedState) => {
      const queue = records.values();
      const worker = async () => {
        for (const { id, value } of queue) await state.keys.set({ session: { [id]: value } });
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
    };
  return onOpened(open, updating(timed), updates, { payloadBytes, before: updating(early) });
}

async function timeOpening(open: () => Promise<OpenedState>): Promise<PhaseResult> {
  const before = measure();
  const opened = await open();
  const spent = since(before);
  const syncs = opened.syncs();
  const heap = await heapBytes();
  await opened.close();
  return { ...spent, operations: 1, syncs, payloadBytes: 0, heapBytes: heap };
}

interface OnOpenedOptions {
  readonly payloadBytes?: number;
  /** Not timed. */
  readonly before?: (opened: OpenedState) => Promise<void>;
}

async function onOpened(
  open: () => Promise<OpenedState>,
  work: (opened: OpenedState) => Promise<void>,
  operations: number,
  { payloadBytes = 0, before: prepare = async () => {} }: OnOpenedOptions = {},
): Promise<PhaseResult> {
  const opened = await open();
  await prepare(opened);
  const syncsBefore = opened.syncs();
  const before = measure();
  await work(opened);
  const spent = since(before);
  const syncs = opened.syncs() - syncsBefore;
  await opened.close();
  return { ...spent, operations, syncs, payloadBytes, heapBytes: 0 };
}

interface Measure {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly writtenBytes: number;
}

const measure = (): Measure => ({
  at: performance.now(),
  cpu: process.cpuUsage(),
  writtenBytes: readWritten(),
});

function since({ at, cpu, writtenBytes }: Measure): Pick<PhaseResult, 'ms' | 'cpuMs' | 'writtenBytes'> {
  const ms = performance.now() - at;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000, writtenBytes: readWritten() - writtenBytes };
}

/** Linux counts what a process writes; elsewhere the answer is not known. */
function readWritten(): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** Several rounds: what a buffer held outside the heap is given back only after its finaliser ran. */
async function heapBytes(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function encodedSize(values: object | undefined): number {
  return Object.values(values ?? {}).reduce(
    (total, value) => total + JSON.stringify(value, BufferJSON.replacer).length,
    0,
  );
}
