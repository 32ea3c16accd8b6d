import { requireKnown } from '../chain/store-names.ts';
import { readStoreViews } from '../chain/store-views.ts';
import { SessionError } from '../errors.ts';
import { createLeaseWatch } from '../leases/lease-watch.ts';
import { type Measurements, measure } from '../measurements.ts';
import { createSessionKeys, type SessionKeysDeps } from '../sealing/session-keys.ts';
import type { Lease } from '../store.ts';
import { createTurnstile } from '../turnstile.ts';
import { type HistoryEvent, readHistoryPage } from '../vault/session-history.ts';
import { pairByCode } from './pairing-by-code.ts';
import { createSessionBoot } from './session-boot.ts';
import { createSessionCare } from './session-care.ts';
import { createSessionDirectory, type SessionDirectoryDeps } from './session-directory.ts';
import { readSessionId } from './session-id.ts';
import { listPage } from './session-list.ts';
import type { SessionRunner } from './session-runner.ts';
import type { HistoryEventView, SessionView } from './session-views.ts';
import { createSessionWatch } from './session-watch.ts';
import type { Sessions } from './sessions.ts';
import { createTextSender, readTextInput } from './text-sender.ts';

/** A mass restart is as fast as this, and as gentle to the stores and to WhatsApp. */
const AT_ONCE = { places: 16, patienceMs: 5_000 };

/** All sessions of this server: the one object that the edge talks to. */
export interface SessionManager extends Sessions {
  /** How the stores and sessions do, in numbers. A store that does not answer in time counts as unhealthy. */
  measure(withinMs: number): Promise<Measurements>;
  /** Finds the sessions of all stores that answer and of older programs, and starts those that are to run. */
  boot(): Promise<void>;
  /** The sessions that are known without asking a store. */
  knownSessions(): readonly SessionView[];
  /**
   * Ends every socket without logging out, lets the stores catch up, gives every lease back; also in the middle of
   * `boot`. Streams stay open: what was published last is still to be read.
   */
  shutdown(): Promise<void>;
}

export type SessionManagerDeps = Omit<SessionDirectoryDeps, 'watch' | 'turnstile'> &
  Pick<SessionKeysDeps, 'keyring'>;

export function createSessionManager(deps: SessionManagerDeps): SessionManager {
  const { chain, vault, events, clock, deadline, leases } = deps;
  const watch = createLeaseWatch({ leases: chain.leases, isOurs: leases.isOurs, clock });
  const turnstile = createTurnstile({ ...AT_ONCE, clock });
  const directory = createSessionDirectory({ ...deps, watch, turnstile });
  const boot = createSessionBoot({ ...deps, directory });
  const care = createSessionCare(deps);
  const sendText = createTextSender(clock);
  const allFollowers = () => directory.known().flatMap(({ state }) => chain.followers(state.view().id));

  function checkExcluded(excluded: readonly string[]): void {
    requireKnown(chain.stores, excluded);
    if (chain.stores.every(({ name }) => excluded.includes(name))) {
      throw new SessionError('BAD_USER_INPUT', 'a session needs at least one store that is not excluded');
    }
  }

  /** Another server began to run a session: also how one that was made there is learnt of. */
  async function standBy({ sessionId, holder }: Lease): Promise<boolean> {
    const runner = await directory.find(sessionId);
    return (await runner?.standBy(holder)) ?? false;
  }

  /** What this server has no part in may have changed since it looked last. */
  async function refresh(runner: SessionRunner | undefined): Promise<void> {
    if (chain.leases.scope === 'cluster') await runner?.refresh().catch(() => {});
  }

  const states = () => directory.known().map(({ state }) => state);
  const knownSessions = () => states().map(state => state.view());

  return {
    knownSessions,
    ...createSessionWatch({
      events,
      find: async id => (await directory.find(id))?.state.view(),
      known: knownSessions,
    }),

    async createSession({ id, excludeStores = [] }) {
      readSessionId(id);
      checkExcluded(excludeStores);
      return (await directory.findOrMake(id, excludeStores)).state.view();
    },

    async startSession({ id, takeOver }) {
      const runner = await directory.require(id);
      await runner.start(takeOver ? 'take-over' : 'refuse');
      return runner.state.view();
    },

    async stopSession(id) {
      const runner = await directory.require(id);
      await runner.stop();
      return runner.state.view();
    },

    async logoutSession(id) {
      const runner = await directory.require(id);
      await runner.connected().connection.unlink();
      await runner.settled();
      return runner.state.view();
    },

    async requestPairingCode({ id, phoneNumber }) {
      return pairByCode({ events, clock }, await directory.require(id), phoneNumber);
    },

    async syncSession({ id, store }) {
      const runner = await directory.require(id);
      await care.sync(runner, store);
      return runner.state.view();
    },

    async restoreSession({ id, from, acceptStale }) {
      return care.restore(await directory.require(id), { from, acceptStale });
    },

    async deleteSession({ id, stores }) {
      const runner = await directory.require(id);
      return stores ? care.deleteFrom(runner, stores) : care.deleteEverywhere(runner);
    },

    async sendText(input) {
      const runner = await directory.require(input.id);
      const jid = readTextInput(input);
      return sendText(runner.connected(), input, jid);
    },

    async readSession(id) {
      await refresh(await directory.find(readSessionId(id)));
      return (await directory.find(id))?.state.view();
    },

    async listSessions(request) {
      const unreachableStores = await directory.discover();
      return { ...listPage(states(), request), unreachableStores };
    },

    async readCopies(id) {
      const { excludedStores } = (await directory.require(id)).state.record;
      return vault.inspect(id, excludedStores);
    },

    async readHistory(id, page) {
      const { holding } = await directory.require(id);
      const entries = holding.held()?.session.entries ?? (await vault.peek(id));
      if (!entries) return { events: [], hasNextPage: false };
      const { events: noted, hasNextPage } = await readHistoryPage(entries, page);
      return { events: noted.map(viewOf), hasNextPage };
    },

    ...createSessionKeys({ ...deps, directory }),
    readStores: () => readStoreViews(chain.stores, allFollowers(), deadline),

    measure: withinMs =>
      measure(
        { stores: chain.stores, followers: allFollowers(), runners: directory.known() },
        { ...deadline, ms: Math.min(withinMs, deadline.ms) },
      ),

    async boot() {
      watch.start(standBy);
      await boot.run();
    },

    async shutdown() {
      boot.end();
      const closed = directory.close();
      watch.stop();
      await Promise.all([closed, ...directory.known().map(runner => runner.halt())]);
    },
  };
}

function viewOf({ at, ...event }: HistoryEvent): HistoryEventView {
  return { ...event, at: new Date(at) };
}
