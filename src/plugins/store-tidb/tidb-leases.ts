import type { KeyedLanes } from '../../core/keyed-lanes.ts';
import type { Lease, LeaseRequest, LeaseStore } from '../../core/store.ts';
import type { WriterParts } from './change-writer.ts';
import { lockHeadRow } from './copy-reader.ts';
import {
  type BoundLease,
  endLease,
  lockLeaseRow,
  prolongLeases,
  readLeaseRows,
  readRunning,
  writeLease,
} from './lease-rows.ts';
import { raiseFence } from './leased-fence.ts';
import { HOLDER_BYTES } from './schema.ts';

export interface TidbLeaseParts {
  readonly writer: WriterParts;
  readonly lanes: KeyedLanes;
  readonly lifetimeMs: number;
}

const RENEWED_AT_ONCE = 500;

/** Lease and fence change in one transaction, which locks both: there is no moment between them. */
export function createTidbLeases({ writer, lanes, lifetimeMs }: TidbLeaseParts): LeaseStore {
  const { server, words, known, life } = writer;

  function bound({ sessionId, holder, epoch }: Lease): BoundLease {
    const bytes = Buffer.from(holder);
    if (bytes.length > HOLDER_BYTES)
      throw words.refused('STORE_UNREADABLE', sessionId, `has a holder longer than ${HOLDER_BYTES} bytes`);
    return { sid: words.idOf(sessionId), epoch, holder: bytes };
  }

  /** Gives the lease that `decide` makes of what is there. */
  function give(sessionId: string, decide: Decision): Promise<Lease | undefined> {
    const sid = words.idOf(sessionId);
    return lanes(sessionId, async () => {
      known.forget(sessionId);
      const given = await server.transaction(async connection => {
        const last = await lockLeaseRow(connection, sid);
        const row = await lockHeadRow(connection, sid);
        const lease = decide(last, Math.max(row?.fence ?? 0, row?.copy?.head.epoch ?? 0));
        if (!lease) return undefined;
        await writeLease(connection, bound(lease), lifetimeMs);
        const copy = await raiseFence(connection, { sessionId, sid, row, fence: lease.epoch });
        return { lease, copy };
      });
      if (given?.copy) known.put(sessionId, given.copy);
      return given?.lease;
    });
  }

  async function acquire({ sessionId, holder, above, whereHeld }: LeaseRequest): Promise<Lease> {
    const lease = await give(sessionId, (last, fence) => {
      if (last.isRunning && last.holder !== holder && whereHeld !== 'take-over')
        throw words.refused('SESSION_HELD_ELSEWHERE', sessionId, `is held by ${last.holder}`);
      return { sessionId, holder, epoch: Math.max(above, last.epoch, fence) + 1 };
    });
    return lease as Lease;
  }

  /** One statement where all are still held; one more tells which are not. */
  async function renew(asked: readonly Lease[]): Promise<Lease[]> {
    const prolonged = await server.run(connection => prolongLeases(connection, asked.map(bound), lifetimeMs));
    if (prolonged === asked.length) return [...asked];
    const rows = await readRows(asked);
    const held: Lease[] = [];
    for (const lease of asked) {
      const row = rows.get(lease.sessionId);
      const isForgotten = lease.epoch > (row?.epoch ?? 0);
      if (isHeld(row, lease) || (isForgotten && (await writeAgain(lease)))) held.push(lease);
    }
    return held;
  }

  /** The store was put back to an older state: it learns of the lease, unless somebody newer wrote or came meanwhile. */
  const writeAgain = (lease: Lease) =>
    give(lease.sessionId, (last, fence) =>
      isHeld(last, lease) || (last.epoch < lease.epoch && fence <= lease.epoch) ? lease : undefined,
    );

  async function findReleased(asked: readonly Lease[]): Promise<Lease[]> {
    const rows = await readRows(asked);
    return asked.filter(({ sessionId, epoch }) => {
      const row = rows.get(sessionId);
      return row?.isReleased && row.epoch >= epoch;
    });
  }

  async function readRows(asked: readonly Lease[]): Promise<Map<string, LastLease>> {
    if (asked.length === 0) return new Map();
    const sids = asked.map(({ sessionId }) => words.idOf(sessionId));
    const found = await server.run(connection => readLeaseRows(connection, sids));
    return new Map(found.map(row => [row.sid.toString(), row]));
  }

  async function renewAll(asked: readonly Lease[]): Promise<Lease[]> {
    const held: Lease[] = [];
    for (let start = 0; start < asked.length; start += RENEWED_AT_ONCE)
      held.push(...(await renew(asked.slice(start, start + RENEWED_AT_ONCE))));
    return held;
  }

  return {
    scope: 'cluster',
    lifetimeMs,
    acquireLease: request => life.call(() => acquire(request)),
    renewLeases: asked => life.call(() => renewAll(asked)),
    releaseLease: lease => life.call(() => server.run(connection => endLease(connection, bound(lease)))),
    readLease: sessionId =>
      life.call(async () => {
        const sid = words.idOf(sessionId);
        const [running] = await server.run(connection => readRunning(connection, sid));
        return running && { sessionId, holder: running.holder, epoch: running.epoch };
      }),
    listLeases: () => life.call(() => server.run(connection => readRunning(connection))),
    findReleased: asked => life.call(() => findReleased(asked)),
  };
}

type LastLease = Awaited<ReturnType<typeof lockLeaseRow>>;
type Decision = (last: LastLease, fence: number) => Lease | undefined;

const isHeld = (row: LastLease | undefined, { holder, epoch }: Lease): boolean =>
  row?.holder === holder && row.epoch === epoch && !row.isReleased;
