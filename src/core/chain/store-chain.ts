import { answerWithin, withinDeadline } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { chooseLeaseStore } from '../leases/lease-store.ts';
import type { Head, LeaseStore, Replacement, SessionStore } from '../store.ts';
import { createStoreLife } from '../store-life.ts';
import { createChainReads } from './chain-reads.ts';
import { startCopyPatrol } from './copy-patrol.ts';
import type { Follower } from './follower.ts';
import { observeStore } from './observed-store.ts';
import { createOpenLines } from './open-lines.ts';
import { createSessionDoubts } from './session-doubts.ts';
import type { LineOptions, LineRequest, SessionLine } from './session-line.ts';
import { rememberSilence } from './silent-store.ts';
import { highestEpoch, type StoreAnswer, surveyStores } from './store-survey.ts';
import { tombstone } from './tombstone.ts';

/** Many stores as one: what is written goes to all of them, what is read is the freshest whole copy. */
export interface StoreChain extends SessionStore {
  readonly stores: readonly SessionStore[];
  readonly leases: LeaseStore;
  /** Name of the store that issues the leases. */
  readonly leaseStoreName: string;
  readonly startWithoutStores: 'allow' | 'refuse';
  /** Several servers may share its stores: none runs or writes without the one that says whose turn it is (law 10). */
  readonly isFleetSafe: boolean;
  survey(sessionId: string): Promise<StoreAnswer[]>;
  /** Whether the last owner may have been ahead of the freshest of these copies: see `mayBeBehind`. */
  isPossiblyBehind(sessionId: string, answers: readonly StoreAnswer[]): boolean;
  /** Takes the freshest copy, fills the base, claims every copy for the epoch. The lease must be held already. */
  openSession(
    request: OpenSessionRequest,
  ): Promise<{ readonly head: Head; readonly isPossiblyBehind: boolean }>;
  /** Of an open session. */
  followers(sessionId: string): readonly Follower[];
  /** Waits until every store that answers has everything, at most as long as the deadline. */
  closeSession(sessionId: string): Promise<void>;
  /**
   * Puts a tombstone in the place of an open session. Resolves when the base has it and every other store has, or has
   * not answered for as long as the deadline; the line goes on telling those.
   */
  deleteSession(sessionId: string, head: Head): Promise<Deletion>;
  /** Stops writing at once: somebody else owns the session, or this process gave it up. */
  abandonSession(sessionId: string): void;
}

export interface OpenSessionRequest
  extends Pick<LineRequest, 'sessionId' | 'epoch' | 'onFenced' | 'whereDamaged'> {
  /** Names of stores that must not hold this session. */
  readonly excluded: readonly string[];
}

export interface Deletion {
  readonly deletedFrom: readonly string[];
  readonly pendingIn: readonly string[];
}

export interface StoreChainOptions extends LineOptions {
  readonly stores: readonly [SessionStore, ...SessionStore[]];
}

export function createStoreChain(options: StoreChainOptions): StoreChain {
  const { deadline, awaited } = options;
  const lines = createOpenLines(options);
  const patrol = startCopyPatrol({ clock: deadline.clock, followers: lines.followers });
  const stores = options.stores.map(store =>
    rememberSilence(observeStore(store, deadline.clock, patrol.observe), deadline),
  );
  const doubts = createSessionDoubts(options.startWithoutStores);
  const life = createStoreLife('chain');
  const { name: leaseStoreName, leases: leaseStore } = chooseLeaseStore(stores);
  const isLeaseStoreAwaited = awaited.has(leaseStoreName) || stores[0]?.name === leaseStoreName;

  async function survey(sessionId: string): Promise<StoreAnswer[]> {
    const answers = await surveyStores(stores, sessionId, deadline);
    doubts.saw(sessionId, answers);
    return answers;
  }

  function openLine(request: OpenSessionRequest, claim: LineRequest['claim']): Promise<SessionLine> {
    const { sessionId, excluded } = request;
    const members = stores.filter(({ name }) => !excluded.includes(name));
    const onFenced = (error: StoreError) => {
      if (error.code === 'STORE_DIVERGED') doubts.diverged(sessionId);
      request.onFenced(error);
    };
    return lines.open({
      ...request,
      members,
      claim,
      onFenced,
      isPossiblyBehind: answers => doubts.isPossiblyBehind(sessionId, answers),
    });
  }

  /** A session that nobody opened is opened by its first write. */
  function lineFor(sessionId: string, epoch: number): Promise<SessionLine> {
    const open = lines.get(sessionId);
    if (open && open.epoch >= epoch) return open.opening;
    return openLine({ sessionId, epoch, excluded: [], onFenced: () => {} }, 'with-first-write');
  }

  const baseOf = (sessionId: string) => lines.get(sessionId)?.line?.base;
  const reads = createChainReads({ stores, deadline, baseOf });

  async function replaceWhole(line: SessionLine, replacement: Replacement): Promise<void> {
    await line.replace(replacement);
    doubts.resolved(replacement.sessionId, replacement.head);
  }

  async function hasReached({ store, reached }: Follower, head: Head): Promise<boolean> {
    const told = answerWithin(store.name, deadline, () => reached(head));
    return told.then(() => true).catch(() => false);
  }

  return {
    name: 'chain',
    stores,
    leaseStoreName,
    startWithoutStores: options.startWithoutStores,
    isFleetSafe: options.startWithoutStores === 'refuse' && isLeaseStoreAwaited,
    survey,
    isPossiblyBehind: doubts.isPossiblyBehind,
    abandonSession: lines.abandon,
    followers: sessionId => lines.get(sessionId)?.line?.followers ?? [],

    leases: {
      ...leaseStore,
      releaseLease: lease => answerWithin('chain', deadline, () => leaseStore.releaseLease(lease)),
      async listLeases() {
        const running = await leaseStore.listLeases();
        doubts.heardOf(running);
        return running;
      },
      async acquireLease(request) {
        const { sessionId } = request;
        const seen = highestEpoch(await survey(sessionId));
        const above = Math.max(seen, request.above, doubts.lastEpoch(sessionId));
        return answerWithin('chain', deadline, () => leaseStore.acquireLease({ ...request, above }));
      },
    },

    async openSession(request) {
      const { openedAt, isPossiblyBehind } = await openLine(request, 'at-once');
      return { head: openedAt, isPossiblyBehind };
    },

    async closeSession(sessionId) {
      await lines.get(sessionId)?.line?.settle();
      lines.abandon(sessionId);
    },

    async deleteSession(sessionId, head) {
      const open = lines.get(sessionId);
      if (!open) throw new StoreError('STORE_CLOSED', 'chain', `session ${sessionId} is not open`);
      const line = await open.opening;
      const deleted = tombstone({ sessionId, epoch: open.epoch, head, complete: true });
      await withinDeadline(`deleting session ${sessionId}`, deadline, () => replaceWhole(line, deleted));
      open.isDeleted = true;
      const told = await Promise.all(line.followers.map(follower => hasReached(follower, head)));
      const names = line.followers.map(({ store }) => store.name);
      return {
        deletedFrom: [line.base.name, ...names.filter((_, place) => told[place])],
        pendingIn: names.filter((_, place) => !told[place]),
      };
    },

    listSessions: reads.listSessions,
    readHead: sessionId => life.call(() => reads.readHead(sessionId)),
    loadSession: sessionId => life.call(() => reads.loadSession(sessionId)),
    loadEntries: (sessionId, names) => life.call(() => reads.loadEntries(sessionId, names)),
    applyChange: change =>
      life.call(async () => {
        await (await lineFor(change.sessionId, change.fence)).apply(change);
        doubts.acknowledged(change.sessionId, change.head);
      }),
    replaceSession: replacement =>
      life.call(async () => {
        const line = await lineFor(replacement.sessionId, replacement.fence);
        await replaceWhole(line, replacement);
        await line.reached(replacement.head);
        doubts.acknowledged(replacement.sessionId, replacement.head);
      }),

    probe: () =>
      life.call(async () => {
        const needed = stores.filter(({ name }, place) => place === 0 || awaited.has(name));
        await Promise.all(needed.map(store => store.probe()));
      }),

    close: () =>
      life.close(async () => {
        patrol.stop();
        lines.abandonAll();
        await Promise.all(stores.map(store => store.close()));
      }),
  };
}
