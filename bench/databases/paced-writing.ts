import type { StoreChain } from '../../src/core/chain/store-chain.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createSessionWriter, type SessionWriter } from '../../src/core/vault/session-writer.ts';

/** One session that is written to at a steady rate. */
export interface Writing {
  readonly sessionId: string;
  readonly writer: SessionWriter;
  /** When each revision was handed in that the database had not confirmed when it was last asked. */
  readonly writtenAt: Map<number, number>;
}

const VALUE = Buffer.alloc(1_850, 7);
const KEYS = 200;
const TICK_MS = 1;
const SAMPLE_MS = 1_000;

export async function openWriting(chain: StoreChain, sessionId: string): Promise<Writing> {
  const { epoch } = await chain.leases.acquireLease({ sessionId, holder: 'bench', above: 0 });
  const { head } = await chain.openSession({ sessionId, epoch, excluded: [], onFenced: () => {} });
  const writer = createSessionWriter({
    sessionId,
    epoch,
    head,
    now: systemClock.monotonicMs,
    apply: change => chain.applyChange(change),
    applyReplacement: copy => chain.replaceSession(copy),
    onFailure: error => {
      throw error;
    },
  });
  return { sessionId, writer, writtenAt: new Map() };
}

/** Age of the oldest change of any session that the second store of the chain has not confirmed. */
export function lagOf(chain: StoreChain, writings: readonly Writing[]): number {
  const now = performance.now();
  const ages = writings.map(({ sessionId, writtenAt }) => {
    const confirmed = chain.followers(sessionId)[0]?.standing().confirmed?.revision ?? 0;
    for (const [revision, at] of writtenAt) {
      if (revision > confirmed) return now - at;
      writtenAt.delete(revision);
    }
    return 0;
  });
  return Math.max(...ages);
}

export interface Pace {
  readonly changes: number;
  readonly perSecond: number;
  /** Once a second. */
  readonly sample: () => void;
}

/** In turns, whatever the stores do meanwhile; resolves when all is as durable as the chain asks. */
export async function writeAtPace(writings: readonly Writing[], pace: Pace): Promise<void> {
  const startedAt = performance.now();
  const underway: Promise<void>[] = [];
  let sampledAt = startedAt;
  while (underway.length < pace.changes) {
    const elapsed = performance.now() - startedAt;
    const due = Math.min(pace.changes, (elapsed / 1_000) * pace.perSecond);
    while (underway.length < due) underway.push(writeNext(writings, underway.length));
    if (startedAt + elapsed - sampledAt >= SAMPLE_MS) {
      pace.sample();
      sampledAt = startedAt + elapsed;
    }
    await systemClock.sleep(TICK_MS);
  }
  await Promise.all(underway);
}

function writeNext(writings: readonly Writing[], number: number): Promise<void> {
  const { sessionId, writer, writtenAt } = writings[number % writings.length] as Writing;
  const key = Math.floor(number / writings.length) % KEYS;
  const written = writer.write([{ name: `session:${sessionId}:${key}`, value: VALUE }]);
  writtenAt.set(writer.head().revision, performance.now());
  return written;
}
