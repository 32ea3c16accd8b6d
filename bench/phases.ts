import type { SignalDataSet } from '@whiskeysockets/baileys';
import { type OpenedState, SYSTEMS, type SystemName } from './bench-system.ts';
import { encodedSize, heapBytes, measure, since } from './measure.ts';
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
  /** What the open and idle state takes. */
  readonly heapBytes: number;
}

interface UpdateCounts {
  /** Not timed: a server runs for months, and its code is compiled. Fewer leave a third of the time to the compiler. */
  readonly before: number;
  readonly timed: number;
}

const MANY: UpdateCounts = { before: 8_000, timed: 1_000 };

/** A whole blob is so slow that a few saves have to do. */
const UPDATES: Readonly<Record<SystemName, UpdateCounts>> = {
  sessiongraph: MANY,
  'multi-file': MANY,
  'creds-only': MANY,
  'whole-blob': { before: 10, timed: 10 },
};

export async function runPhase({ system, phase, state, folder }: PhaseRequest): Promise<PhaseResult> {
  const open = () => SYSTEMS[system](folder);
  const counts = UPDATES[system];
  switch (phase) {
    case 'prepare':
      return onOpened(open, opened => fill(opened, state), 1);
    case 'pairing':
      return timePairing(open);
    case 'updates':
      return timeUpdates(open, { counts, contacts: contactsOf(state), inFlight: 1 });
    case 'updates-16':
      return timeUpdates(open, { counts, contacts: contactsOf(state), inFlight: 16 });
    case 'copy':
      return onOpened(open, opened => opened.copyTo(`${folder}-copy`), 1);
    case 'open':
      return timeOpening(open);
    case 'memory':
      return measureMemory(open);
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
  readonly counts: UpdateCounts;
  readonly contacts: number;
  readonly inFlight: number;
}

/** Each update is one changed signal session, awaited. */
async function timeUpdates(open: () => Promise<OpenedState>, plan: UpdatePlan): Promise<PhaseResult> {
  const { counts, contacts, inFlight } = plan;
  const timed = [...makeUpdates(counts.timed, contacts)];
  const payloadBytes = encodedSize(timed.map(({ value }) => value));
  const updating = (queue: IterableIterator<Update>) => async (opened: OpenedState) => {
    const worker = async () => {
      for (const { id, value } of queue) await opened.state.keys.set({ session: { [id]: value } });
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  };
  const before = updating(makeUpdates(counts.before, contacts));
  return onOpened(open, updating(timed.values()), counts.timed, { payloadBytes, before });
}

interface Update {
  readonly id: string;
  readonly value: Uint8Array;
}

function* makeUpdates(count: number, contacts: number): Generator<Update> {
  for (let made = 0; made < count; made += 1)
    yield { id: signalAddress(Math.floor(Math.random() * contacts)), value: sampleSignalSession() };
}

async function timeOpening(open: () => Promise<OpenedState>): Promise<PhaseResult> {
  const before = measure();
  const opened = await open();
  const spent = since(before);
  const syncs = opened.syncs();
  await opened.close();
  return { ...spent, operations: 1, syncs, payloadBytes: 0, heapBytes: 0 };
}

/** What an open state takes above a closed one. Opened once before: compiled code is not part of a session. */
async function measureMemory(open: () => Promise<OpenedState>): Promise<PhaseResult> {
  const first = await timeOpening(open);
  const closed = await heapBytes();
  const opened = await open();
  const taken = (await heapBytes()) - closed;
  await opened.close();
  return { ...first, heapBytes: taken };
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
