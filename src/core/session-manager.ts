import { readAccount } from './baileys/account.ts';
import { CREDS, freshCreds } from './baileys/auth-state.ts';
import { decodeCreds } from './baileys/codec.ts';
import { copyViews } from './copy-views.ts';
import { asStoreError, type Deadline } from './deadline.ts';
import { SessionError } from './errors.ts';
import type { SessionEvents } from './session-events.ts';
import { readSessionId } from './session-id.ts';
import { listPage } from './session-list.ts';
import type { SessionRecord } from './session-record.ts';
import { createSessionRegistry } from './session-registry.ts';
import { createSessionRunner, type RunnerDeps, type SessionRunner } from './session-runner.ts';
import { createSessionState, type Known } from './session-state.ts';
import type { SessionStatus } from './session-views.ts';
import { createSessionWatch } from './session-watch.ts';
import type { Sessions } from './sessions.ts';
import { ORIGIN } from './store.ts';
import type { StoreChain } from './store-chain.ts';
import { surveyStores } from './store-survey.ts';
import { readStoreViews } from './store-views.ts';
import { createTextSender, readTextInput } from './text-sender.ts';

/** All sessions of this server: the one object that the edge talks to. */
export interface SessionManager extends Sessions {
  /** Finds the sessions of all stores that answer, and starts those that are to run. */
  boot(): Promise<void>;
  /** Ends every socket without logging out, lets the stores catch up, gives every lease back. */
  shutdown(): Promise<void>;
}

export interface SessionManagerDeps extends RunnerDeps {
  readonly chain: StoreChain;
  readonly events: SessionEvents;
  readonly deadline: Deadline;
}

export function createSessionManager(deps: SessionManagerDeps): SessionManager {
  const { chain, vault, events, clock, deadline } = deps;
  const registry = createSessionRegistry();
  const sendText = createTextSender(clock);
  const storeNames = chain.stores.map(({ name }) => name);
  const find = (id: string) => registry.obtain(id, () => load(id));

  function makeState(id: string, known: Known, status: SessionStatus) {
    return createSessionState({ id, known, status, events, clock });
  }

  async function load(id: string): Promise<SessionRunner | undefined> {
    const peeked = await vault.peek(id);
    if (!peeked) return undefined;
    const { head, record } = peeked;
    const creds = (await peeked.read(CREDS, [''])).get('');
    const account = creds && readAccount(decodeCreds(creds));
    const status = record.loggedOutAt === undefined ? 'STOPPED' : 'LOGGED_OUT';
    const state = makeState(id, { record, account, position: () => head, heldBy: undefined }, status);
    return createSessionRunner(deps, id, state);
  }

  async function require(id: string): Promise<SessionRunner> {
    const runner = await find(readSessionId(id));
    if (runner) return runner;
    throw new SessionError('SESSION_NOT_FOUND', `there is no session ${id}`);
  }

  /** Fresh credentials are made here and nowhere else (law 5); the vault refuses unless every store says "absent". */
  async function make(id: string, excludedStores: readonly string[]): Promise<SessionRunner> {
    const record: SessionRecord = { createdAt: clock.now(), desiredState: 'RUNNING', excludedStores };
    const entries = [{ type: CREDS, id: '', value: freshCreds() }];
    const known: Known = { record, account: undefined, position: () => ORIGIN, heldBy: undefined };
    const runner = createSessionRunner(deps, id, makeState(id, known, 'STOPPED'), onFailure =>
      vault.create({ sessionId: id, record, entries, onFailure }),
    );
    await runner.start();
    return runner;
  }

  function checkExcluded(excluded: readonly string[]): void {
    const unknown = excluded.find(name => !storeNames.includes(name));
    if (unknown !== undefined) {
      throw new SessionError(
        'STORE_UNKNOWN',
        `there is no store ${unknown}; there are: ${storeNames.join(', ')}`,
      );
    }
    if (storeNames.every(name => excluded.includes(name))) {
      throw new SessionError('BAD_USER_INPUT', 'a session needs at least one store that is not excluded');
    }
  }

  /** A session that is there and cannot be looked into: it shows why, and goes on trying where that may help. */
  async function makeUnreadable(id: string): Promise<SessionRunner> {
    const record: SessionRecord = { createdAt: clock.now(), desiredState: 'RUNNING', excludedStores: [] };
    const known: Known = { record, account: undefined, position: () => ORIGIN, heldBy: undefined };
    const runner = createSessionRunner(deps, id, makeState(id, known, 'STOPPED'));
    runner.resume();
    return runner;
  }

  /** Sessions that appeared in the stores since the last look; a store that cannot be listed is named. */
  async function discover(): Promise<string[]> {
    const unreachable: string[] = [];
    for (const store of chain.stores) {
      try {
        for await (const id of store.listSessions()) {
          await find(id).catch(() => registry.obtain(id, () => makeUnreadable(id)));
        }
      } catch (error) {
        unreachable.push(asStoreError(store.name, error).store);
      }
    }
    return unreachable;
  }

  const allFollowers = () => registry.known().flatMap(({ state }) => chain.followers(state.view().id));

  return {
    ...createSessionWatch({ events, find, known: registry.known }),

    async createSession({ id, excludeStores = [] }) {
      readSessionId(id);
      checkExcluded(excludeStores);
      const existing = await find(id);
      const runner = existing ?? (await registry.obtain(id, () => make(id, excludeStores)));
      if (!runner) throw new SessionError('SESSION_NOT_FOUND', `session ${id} disappeared while it was made`);
      return runner.state.view();
    },

    async startSession({ id }) {
      const runner = await require(id);
      await runner.start();
      return runner.state.view();
    },

    async stopSession(id) {
      const runner = await require(id);
      await runner.stop();
      return runner.state.view();
    },

    async sendText(input) {
      const runner = await require(input.id);
      const jid = readTextInput(input);
      return sendText(runner.connected(), input, jid);
    },

    readSession: async id => (await find(readSessionId(id)))?.state.view(),

    async listSessions(request) {
      const unreachableStores = await discover();
      const views = registry.known().map(({ state }) => state.view());
      return { ...listPage(views, request), unreachableStores };
    },

    async readCopies(id) {
      const { excludedStores } = (await require(id)).state.record;
      const members = chain.stores.filter(({ name }) => !excludedStores.includes(name));
      return copyViews(chain.stores, await surveyStores(members, id, deadline), excludedStores);
    },

    readStores: () => readStoreViews(chain.stores, allFollowers(), deadline),

    async boot() {
      await discover();
      for (const { state, resume } of registry.known()) {
        if (state.record.desiredState === 'RUNNING' && state.status === 'STOPPED') resume();
      }
    },

    async shutdown() {
      await Promise.all(registry.known().map(runner => runner.halt()));
      events.close();
    },
  };
}
