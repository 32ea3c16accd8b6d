import { judgeChange, judgeReplacement, nextCopyHead } from '../../core/copy-rules.ts';
import type { StoreError } from '../../core/errors.ts';
import type { Change, CopyHead, LoadedSession, Replacement } from '../../core/store.ts';
import { type CurrentLog, createCurrentLog } from './current-log.ts';
import { LogDamage } from './log-frames.ts';
import type { LogContent } from './log-scan.ts';
import { findRuns, type LogSite, type OpenLog } from './open-log.ts';
import { createSessionErrors, type SessionErrors } from './session-errors.ts';
import { streamEntries } from './session-stream.ts';

/** One session of the store: its calls run one after the other. */
export interface SessionLog {
  readHead(): Promise<CopyHead | undefined>;
  loadEntries(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  loadSession(): Promise<LoadedSession | undefined>;
  applyChange(change: Change): Promise<void>;
  replaceSession(replacement: Replacement): Promise<void>;
  /** One at a time with everything else that is done to the session; `raise` makes a new fence, durably. */
  claim<T>(
    task: (raise: (above: number) => Promise<number>, heldBy: (holder: string) => StoreError) => Promise<T>,
  ): Promise<T>;
  isEmpty(): boolean;
  idle(): Promise<void>;
}

interface Surroundings {
  readonly store: string;
  readonly site: LogSite;
  readonly now: () => number;
  /** Throws where the store is closed. */
  readonly checkOpen: () => void;
}

interface Session {
  readonly log: CurrentLog;
  readonly errors: SessionErrors;
  readonly now: () => number;
}

export function createSessionLog({ store, site, now, checkOpen }: Surroundings): SessionLog {
  const errors = createSessionErrors(store, site.sessionId);
  const log = createCurrentLog(site, errors);
  const session: Session = { log, errors, now };
  const heldBy = (holder: string) => errors.refused('SESSION_HELD_ELSEWHERE', `is held by ${holder}`);
  const onCopy = <T>(task: (log: OpenLog) => Promise<T>): Promise<T> =>
    log.run(async current => {
      if (current.content.damage !== undefined) throw new LogDamage(current.content.damage);
      return task(current);
    });

  return {
    readHead: () => onCopy(async ({ content }) => content.head),
    loadEntries: names => onCopy(current => loadNamed(current, names)),
    loadSession: () =>
      onCopy(async current => {
        const { head } = current.content;
        return (
          head && {
            head,
            entries: await streamEntries(current, { checkOpen, translated: errors.translated }),
          }
        );
      }),
    applyChange: change => onCopy(({ content }) => applyTo(session, content, change)),
    replaceSession: replacement => replaceWith(session, replacement),
    claim: task => log.run(({ content }) => task(above => raiseFence(session, content, above), heldBy)),
    isEmpty: () => log.isEmpty(),
    idle: () => log.idle(),
  };
}

async function loadNamed(
  { file, content }: OpenLog,
  names: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  if (!file || content.index.size === 0) return found;
  const held = await file.hold();
  try {
    for await (const entries of findRuns(held.file, content.index, names))
      for (const { name, value } of entries) found.set(name, new Uint8Array(value));
  } finally {
    await held.release();
  }
  return found;
}

async function applyTo({ log, errors, now }: Session, content: LogContent, change: Change): Promise<void> {
  const { fence, complete, entries } = change;
  const { head } = content;
  const verdict = judgeChange(content, change);
  if (verdict === 'claim') {
    if (fence === content.fence && complete === (head?.complete ?? complete)) return;
    return log.append({ head: head && { ...head, fence, complete, updatedAt: now() }, fence }, []);
  }
  errors.check(verdict, content);
  const next = { head: nextCopyHead(head, { ...change, deleted: false }, now()), fence };
  // The first change is a snapshot: damage to it must not look like a tail that was never acknowledged.
  return head ? log.append(next, entries) : log.begin(next, puts(change));
}

function* puts({ entries }: Change) {
  for (const { name, value } of entries) if (value) yield { name, value };
}

async function replaceWith({ log, errors, now }: Session, replacement: Replacement): Promise<void> {
  const { fence, deleted } = replacement;
  const check = ({ content }: OpenLog) => errors.check(judgeReplacement(content, replacement), content);
  const head = await log.run(async current => {
    check(current);
    return nextCopyHead(current.content.head, replacement, now());
  });
  // Beside the calls of the session: the entries may come from far away, or from this very session.
  await log.replace({ head, fence }, deleted ? [] : replacement.entries, check);
}

/** What the store saw highest is its fence, or what a copy that was put in says of itself. */
async function raiseFence({ log }: Session, { head, fence }: LogContent, above: number): Promise<number> {
  const epoch = Math.max(above, fence, head?.epoch ?? 0) + 1;
  await log.append({ head: head && { ...head, fence: epoch }, fence: epoch }, []);
  return epoch;
}
