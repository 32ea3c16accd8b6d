import { StoreError, type StoreErrorCode } from '../../core/errors.ts';
import type { Change, CopyHead, Lease, LoadedSession, Replacement } from '../../core/store.ts';
import { createCallQueue } from './call-queue.ts';
import { judgeChange, judgeReplacement, nextCopyHead } from './copy-rules.ts';
import { LogDamage } from './log-frames.ts';
import { recoverLog } from './log-recovery.ts';
import { createLogRewriting, liveEntries, type Snapshot } from './log-rewriting.ts';
import { contentWithout, UnknownFormat } from './log-scan.ts';
import {
  appendChange,
  canAppend,
  findRecords,
  isWorthCompacting,
  type LogSite,
  type OpenLog,
} from './open-log.ts';
import { createSessionLease } from './session-lease.ts';
import { streamEntries } from './session-stream.ts';

export interface SessionLog {
  readHead(): Promise<CopyHead | undefined>;
  loadEntries(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  loadSession(): Promise<LoadedSession | undefined>;
  applyChange(change: Change): Promise<void>;
  replaceSession(replacement: Replacement): Promise<void>;
  acquireLease(holder: string, above: number): Promise<Lease>;
  releaseLease(lease: Lease): Promise<void>;
  readLease(): Promise<Lease | undefined>;
  /** True where forgetting this object forgets nothing. */
  isEmpty(): boolean;
  /** Resolves when the work that nobody awaits is done, too. */
  idle(): Promise<void>;
}

interface Surroundings {
  readonly store: string;
  readonly site: LogSite;
  readonly now: () => number;
  readonly checkOpen: () => void;
}

/** One session of the store: its calls run one after the other, on a log that is read when the first one comes. */
export function createSessionLog({ store, site, now, checkOpen }: Surroundings): SessionLog {
  const queue = createCallQueue();
  const rewriting = createLogRewriting(site);
  let current: OpenLog | undefined;

  const refuse = (code: StoreErrorCode, why: string, options?: ErrorOptions) =>
    new StoreError(code, store, `session ${site.sessionId} ${why}`, options);
  const corrupt = (why: string) => refuse('SESSION_CORRUPT', `is damaged: ${why}`);
  const translated = (cause: unknown): unknown => {
    if (cause instanceof LogDamage) return corrupt(cause.message);
    if (cause instanceof UnknownFormat)
      return refuse('STORE_UNREADABLE', `can not be read: ${cause.message}`, { cause });
    return cause;
  };

  /** Found while it was read on demand: from now on nothing of this log is believed. */
  const noteDamage = async (error: unknown): Promise<unknown> => {
    if (error instanceof LogDamage && current && current.content.damage === undefined) {
      const { file, content } = current;
      const damaged = { ...contentWithout(error.message), fence: content.fence };
      current = { ...current, content: damaged, file: undefined, evidence: true };
      await file?.retire();
    }
    return translated(error);
  };
  const rewrite = async (old: OpenLog, changed: Partial<Snapshot> = {}): Promise<OpenLog> => {
    const { head, fence, damage } = old.content;
    const staged = await rewriting.stage({ head, fence, damage, entries: liveEntries(old), ...changed });
    current = await rewriting.putInPlace(staged, old);
    return current;
  };
  /** Runs when all calls before it are done, on the log as they left it. */
  const onLog = <T>(task: (log: OpenLog) => Promise<T>): Promise<T> =>
    queue.run(async () => {
      try {
        current ??= await recoverLog(site);
        return await task(current.trust === 'none' ? await rewrite(current) : current);
      } catch (error) {
        throw await noteDamage(error);
      }
    });
  const onCopy = <T>(task: (log: OpenLog) => Promise<T>): Promise<T> =>
    onLog(async log => {
      if (log.content.damage !== undefined) throw corrupt(log.content.damage);
      return task(log);
    });
  const compact = () =>
    onLog(async log => {
      if (!isWorthCompacting(log)) return;
      // Held off where it fails: the log is whole, only longer than it need be.
      log.garbageLimit = 2 * (log.content.endBytes - log.content.liveBytes);
      await rewrite(log);
    }).catch(() => undefined);

  const append = async (log: OpenLog, ...[next, changes]: AppendArguments) => {
    const usable = canAppend(log) ? log : await rewrite(log);
    await appendChange(usable, next, changes);
    if (isWorthCompacting(usable)) void compact();
  };
  const refuseUnlessWritten = (verdict: StoreErrorCode | 'write', { content }: OpenLog) => {
    if (verdict === 'write') return;
    const { epoch, revision } = content.head ?? { epoch: 0, revision: 0 };
    throw refuse(verdict, `stands at ${epoch}.${revision} behind fence ${content.fence}`);
  };

  const raiseFence = (log: OpenLog, above: number) => {
    const { head, fence } = log.content;
    const epoch = Math.max(above, fence, head?.epoch ?? 0) + 1;
    const next = { head: head && { ...head, fence: epoch }, fence: epoch };
    return append(log, next, []).then(() => epoch);
  };
  const lease = createSessionLease(site.sessionId, holder =>
    refuse('SESSION_HELD_ELSEWHERE', `is held by ${holder}`),
  );

  return {
    readHead: () => onCopy(async log => log.content.head),
    loadEntries: names =>
      onCopy(async ({ file, content }) => {
        const found = new Map<string, Uint8Array>();
        const held = content.index.size > 0 ? await file?.hold() : undefined;
        try {
          for await (const { name, value } of held ? findRecords(held.file, content.index, names) : [])
            found.set(name, value);
        } finally {
          await held?.release();
        }
        return found;
      }),
    loadSession: () =>
      onCopy(async log => {
        const { head } = log.content;
        return head && { head, entries: await streamEntries(log, { checkOpen, translated }) };
      }),
    applyChange: change =>
      onCopy(async log => {
        const { head, fence } = log.content;
        const verdict = judgeChange(log.content, change);
        if (verdict !== 'claim') {
          refuseUnlessWritten(verdict, log);
          const next = nextCopyHead(head, { ...change, deleted: false }, now());
          // The first change is a snapshot: damage to it must not look like a tail that was never acknowledged.
          if (!head) await rewrite(log, { head: next, fence: next.fence, entries: puts(change) });
          else await append(log, { head: next, fence: next.fence }, change.entries);
        } else if (change.fence > fence || (head && head.complete !== change.complete)) {
          const claimed = head && {
            ...head,
            fence: change.fence,
            complete: change.complete,
            updatedAt: now(),
          };
          await append(log, { head: claimed, fence: change.fence }, []);
        }
      }),
    async replaceSession(replacement) {
      const head = await onLog(async log => {
        refuseUnlessWritten(judgeReplacement(log.content, replacement), log);
        return nextCopyHead(log.content.head, replacement, now());
      });
      const entries = replacement.deleted ? [] : replacement.entries;
      // Outside the queue: the entries may come from far away, or from this very session.
      const staged = await rewriting.stage({ head, fence: head.fence, damage: undefined, entries });
      await onLog(async log => {
        try {
          refuseUnlessWritten(judgeReplacement(log.content, replacement), log);
        } catch (error) {
          await rewriting.discard(staged);
          throw error;
        }
        current = await rewriting.putInPlace(staged, log);
      });
    },
    acquireLease: (holder, above) => onLog(log => lease.acquire(holder, () => raiseFence(log, above))),
    releaseLease: held => queue.run(async () => lease.release(held)),
    readLease: () => queue.run(async () => lease.read()),
    // Also what can't be trusted is remembered: read again it would look as if it could.
    isEmpty: () =>
      current === undefined ||
      (!current.file && current.content.damage === undefined && current.trust === 'full'),
    idle: () => queue.idle(),
  };
}

type AppendArguments = Parameters<typeof appendChange> extends [unknown, ...infer Rest] ? Rest : never;

function* puts({ entries }: Change) {
  for (const { name, value } of entries) if (value) yield { name, value };
}
