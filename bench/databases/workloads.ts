import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { SignalDataSet } from '@whiskeysockets/baileys';
import {
  FIRST_PRE_KEYS,
  sampleKeys,
  samplePreKeys,
  sampleSignalSession,
  signalAddress,
} from '../sample-state.ts';
import type { OpenedSession, SystemName } from './database-system.ts';

export type WorkloadName = 'pairing' | 'updates-1k' | 'updates-10k' | 'message' | 'updates-16';

/** What one process does with one session. */
export interface Workload {
  /** One that was prepared, or a new one. */
  readonly session: string;
  /** Not timed: a server runs for months, and its code is compiled. */
  warmUp(opened: OpenedSession): Promise<void>;
  readonly operations: readonly Operation[];
  readonly inFlight: number;
}

export type Operation = (opened: OpenedSession) => Promise<unknown>;

/** Sessions that are there before a workload begins, and how many keys they have. */
export const PREPARED: Readonly<Record<string, number>> = { 'keys-1000': 1_000, 'keys-10000': 10_000 };
export const [SMALL, LARGE] = ['keys-1000', 'keys-10000'] as const;
/** By then the compiler is done; for each update that is timed, so that an engine that takes long is asked for fewer. */
const WARM_UPS_EACH = 3;

/** How many updates of one way are not too long to wait for: with a way of 10 ms, or a whole blob each time, a few. */
export function updatesOf(system: SystemName, way: 'near' | 'far', updates: number): number {
  if (system === 'whole-blob') return way === 'near' ? 5 : 3;
  return way === 'near' ? updates : Math.ceil(updates / 16);
}

export function workloadOf(name: WorkloadName, count: number): Workload {
  switch (name) {
    case 'pairing':
      return { session: randomUUID(), warmUp: async () => {}, operations: [pairing()], inFlight: 1 };
    case 'updates-1k':
      return updates(SMALL, count, 1);
    case 'updates-10k':
      return updates(LARGE, count, 1);
    case 'updates-16':
      return updates(LARGE, count, 16);
    case 'message':
      return messages(Math.min(count, FIRST_PRE_KEYS));
  }
}

export async function fill({ state, saveCreds }: OpenedSession, keyCount: number): Promise<void> {
  for (const [type, values] of Object.entries(sampleKeys(keyCount))) {
    const all = Object.entries(values ?? {});
    for (let start = 0; start < all.length; start += 1_000)
      await state.keys.set({ [type]: Object.fromEntries(all.slice(start, start + 1_000)) });
  }
  await saveCreds();
}

/** What a client does when it is linked. */
function pairing(): Operation {
  const preKeys = samplePreKeys(FIRST_PRE_KEYS);
  return async ({ state, saveCreds }) => {
    await state.keys.set(preKeys);
    await saveCreds();
  };
}

const setting =
  (data: SignalDataSet): Operation =>
  async ({ state }) =>
    state.keys.set(data);

const randomContact = (session: string): string =>
  signalAddress(randomInt(Math.floor(((PREPARED[session] ?? 0) - FIRST_PRE_KEYS) / 4)));

function updates(session: string, count: number, inFlight: number): Workload {
  const make = () => setting({ session: { [randomContact(session)]: sampleSignalSession() } });
  const early = Array.from({ length: WARM_UPS_EACH * count }, make);
  return {
    ...{ session, inFlight },
    operations: Array.from({ length: count }, make),
    async warmUp(opened) {
      for (const operation of early) await operation(opened);
    },
  };
}

/** The first message of a contact, as the signal repository saves it: three entries in one call. */
function messages(count: number): Workload {
  const message = (_: unknown, place: number) => {
    const contact = randomContact(LARGE);
    return setting({
      session: { [contact]: sampleSignalSession() },
      'identity-key': { [contact]: randomBytes(33) },
      'pre-key': { [place + 1]: null },
    });
  };
  return {
    ...{ session: LARGE, inFlight: 1 },
    operations: Array.from({ length: count }, message),
    warmUp: async ({ state }) => state.keys.set(samplePreKeys(count)),
  };
}
