import { CREDS, freshCreds } from '../baileys/auth-state.ts';
import type { Deadline } from '../deadline.ts';
import { SessionError, StoreError } from '../errors.ts';
import { createJointLook } from '../joint-look.ts';
import { ORIGIN } from '../store.ts';
import { lookAt, restingStatus } from '../vault/known-session.ts';
import { CREDENTIALS_ONLY, type FoundSession, type SessionImport } from '../vault/session-import.ts';
import type { SessionRecord } from '../vault/session-record.ts';
import { spreadDeletion } from './session-deletion.ts';
import { createSessionDiscovery } from './session-discovery.ts';
import type { SessionEvents } from './session-events.ts';
import type { MakeSession } from './session-holding.ts';
import { readSessionId } from './session-id.ts';
import { createSessionMakings } from './session-makings.ts';
import { createSessionRegistry } from './session-registry.ts';
import { createSessionRunner, type RunnerDeps, type SessionRunner } from './session-runner.ts';
import { createSessionState, type Known, type SessionState } from './session-state.ts';
import type { SessionStatus } from './session-views.ts';

/** Which sessions there are: those this server knows, and those that only the stores know yet. */
export interface SessionDirectory {
  /** Undefined where no store has it. A store that cannot be asked is an error and not an answer. */
  find(id: string): Promise<SessionRunner | undefined>;
  /** BAD_USER_INPUT, SESSION_NOT_FOUND. */
  require(id: string): Promise<SessionRunner>;
  /** The one that exists, or a new one, started. */
  findOrMake(id: string, excludedStores: readonly string[]): Promise<SessionRunner>;
  known(): SessionRunner[];
  /** Looks through all stores; names those that cannot be listed. */
  discover(): Promise<string[]>;
  /** Looks at what the store that servers share lists, and no look came by. */
  discoverUnseen(): Promise<void>;
  /** Takes over what older programs left and no store knows. What cannot be taken over is reported. */
  importOld(): Promise<void>;
  /** Looks no further, and makes nothing more: the server stops. Resolves when what is being made is at rest. */
  close(): Promise<void>;
}

export interface SessionDirectoryDeps extends Omit<RunnerDeps, 'onGone'> {
  readonly events: SessionEvents;
  readonly deadline: Deadline;
  /** Sessions that older programs left. */
  readonly imports?: SessionImport;
}

/** Whoever makes a deleted session again elsewhere has its lease, and is heard of by that; this is for the rest. */
const LOOK_AGAIN_MS = 60_000;

export function createSessionDirectory(deps: SessionDirectoryDeps): SessionDirectory {
  const { chain, vault, events, clock, imports } = deps;
  const registry = createSessionRegistry();
  const makings = createSessionMakings();
  /** When these were last seen to be deleted. Stores list tombstones for good, among the sessions. */
  const deletedAtMs = new Map<string, number>();
  const find = (id: string) => registry.obtain(id, () => load(id));

  function makeState(id: string, known: Known, status: SessionStatus) {
    return createSessionState({ id, known, status, events, clock });
  }

  function makeRunner(id: string, state: SessionState, create?: MakeSession): SessionRunner {
    deletedAtMs.delete(id);
    return createSessionRunner({ ...deps, onGone }, id, state, create);
  }

  function onGone(id: string): void {
    registry.forget(id);
    events.publishDeletion(id);
  }

  async function load(id: string): Promise<SessionRunner | undefined> {
    const known = await lookAt(vault, id);
    if (!known) {
      // It is gone, whether or not a store that does not know yet could be told; which is tried again, not each time.
      if (await spreadDeletion(deps, id).catch(() => true)) deletedAtMs.set(id, clock.monotonicMs());
      return undefined;
    }
    return makeRunner(id, makeState(id, known, restingStatus(known.record)));
  }

  /** What an excluded store can not tell stands in nobody's way: the vault asks all others again, under the lease. */
  async function findBeside(id: string, excluded: readonly string[]): Promise<SessionRunner | undefined> {
    return find(id).catch((error: unknown) => {
      if (error instanceof StoreError && excluded.includes(error.store)) return undefined;
      throw error;
    });
  }

  async function takeOver(id: string, excludedStores: readonly string[]): Promise<SessionRunner | undefined> {
    const found = await imports?.find(id, excludedStores);
    return found && makings.run(() => bringIn(id, found, excludedStores));
  }

  async function bringIn(
    id: string,
    found: FoundSession,
    excludedStores: readonly string[],
  ): Promise<SessionRunner | undefined> {
    const imported = await imports?.keep(id, found, excludedStores);
    const runner = imported && (await load(id));
    if (!runner) return undefined;
    const takenOver = `Taken over from ${imported.place}; the program that used it before must not run any more.`;
    const message = imported.completeness === 'whole' ? takenOver : `${takenOver} ${CREDENTIALS_ONLY}`;
    (await runner.holding.open()).history.note('STOPPED', { code: 'IMPORTED', message }, clock.now());
    return runner;
  }

  /** Fresh credentials are made here (law 5); the vault refuses unless every store says "absent". */
  async function makeFresh(id: string, excludedStores: readonly string[]): Promise<SessionRunner> {
    const record: SessionRecord = { createdAt: clock.now(), desiredState: 'RUNNING', excludedStores };
    const entries = [{ type: CREDS, id: '', value: freshCreds() }];
    const known: Known = { record, account: undefined, position: () => ORIGIN, heldBy: undefined };
    const runner = makeRunner(id, makeState(id, known, 'STOPPED'), onFailure =>
      vault.create({ sessionId: id, record, entries, onFailure }),
    );
    await runner.start();
    return runner;
  }

  async function make(id: string, excludedStores: readonly string[]): Promise<SessionRunner | undefined> {
    const old = await takeOver(id, excludedStores);
    return makings.run(async () => {
      if (!old) return makeFresh(id, excludedStores);
      await old.start();
      return old;
    });
  }

  /** A session that is there and cannot be looked into: it shows why, and goes on trying where that may help. */
  async function makeUnreadable(id: string): Promise<SessionRunner> {
    const record: SessionRecord = { createdAt: clock.now(), desiredState: 'RUNNING', excludedStores: [] };
    const known: Known = { record, account: undefined, position: () => ORIGIN, heldBy: undefined };
    const runner = makeRunner(id, makeState(id, known, 'STOPPED'));
    if (!makings.isClosed) runner.resume();
    return runner;
  }

  const isDeleted = (id: string) =>
    clock.monotonicMs() - (deletedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < LOOK_AGAIN_MS;
  const findOrShow = (id: string) => find(id).catch(() => registry.obtain(id, () => makeUnreadable(id)));

  const discovery = createSessionDiscovery({
    chain,
    find,
    findOrShow,
    isKnown: id => registry.knows(id) || isDeleted(id),
    isOver: () => makings.isClosed,
  });

  return {
    find,
    known: registry.known,
    close: makings.close,

    async require(id) {
      const runner = await find(readSessionId(id));
      if (runner) return runner;
      throw new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`);
    },

    async findOrMake(id, excludedStores) {
      for (;;) {
        // A look that was under way already may have found nothing, and be what `obtain` hands out.
        const runner =
          (await findBeside(id, excludedStores)) ??
          (await registry.obtain(id, () => make(id, excludedStores)));
        if (runner) return runner;
      }
    },

    async importOld() {
      for (const id of (await imports?.list()) ?? []) {
        if (makings.isClosed) return;
        await registry
          .obtain(id, () => takeOver(id, []))
          .catch((error: Error) => {
            if (!makings.isClosed)
              imports?.report({ kind: 'refused', place: `session ${id}`, why: error.message });
          });
      }
    },

    /** One look answers all who ask for one meanwhile. */
    discover: createJointLook(discovery.all),
    discoverUnseen: discovery.unseen,
  };
}
