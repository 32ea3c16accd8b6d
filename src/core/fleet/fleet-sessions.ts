import type { SessionEvents } from '../sessions/session-events.ts';
import { listPage } from '../sessions/session-list.ts';
import type { SessionManager } from '../sessions/session-manager.ts';
import type { SessionView } from '../sessions/session-views.ts';
import { createSessionWatch } from '../sessions/session-watch.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { HeardSessions } from './heard-sessions.ts';
import type { PeerCalls } from './peer-calls.ts';
import { isHeldElsewhere } from './peer-errors.ts';
import type { ArgsOf, CallableMethod, ResultOf } from './peer-messages.ts';

export interface FleetSessionsOptions {
  /** The sessions as this server alone sees them. */
  readonly local: Sessions & Pick<SessionManager, 'knownSessions'>;
  readonly calls: PeerCalls;
  readonly heard: HeardSessions;
  /** Of the subscribers of this server: what happens on all servers. */
  readonly events: SessionEvents;
  /** Who holds the lease of a session; undefined where nobody does. */
  readonly findHolder: (sessionId: string) => Promise<string | undefined>;
  /** Instance id of this server. */
  readonly self: string;
}

const EVERY_SESSION = { isVisible: () => true, first: Number.POSITIVE_INFINITY };

/**
 * The sessions of all servers as if there were one: what needs the server that holds a session is asked of that one.
 * Where it can't be asked, reads say what the stores know, and everything else fails with SESSION_HELD_ELSEWHERE.
 */
export function createFleetSessions(options: FleetSessionsOptions): Sessions {
  const { local, calls, heard, events, findHolder, self } = options;

  /** The lease is asked, for a view may be half a second old; `view` is what is left where the store is away. */
  async function holderElsewhere(view: SessionView | undefined): Promise<string | undefined> {
    if (!view || view.heldBy === self) return undefined;
    const holder = await findHolder(view.id).catch(() => view.heldBy);
    return holder === self ? undefined : holder;
  }

  const shown = (views: readonly SessionView[]) =>
    views.filter(({ id }) => !heard.isDeleted(id)).map(heard.replace);

  async function here<M extends CallableMethod>(method: M, args: ArgsOf<M>): Promise<ResultOf<M>> {
    const run = local[method] as (...args: ArgsOf<M>) => Promise<ResultOf<M>>;
    return run(...args);
  }

  /** Here; and where the session began to run elsewhere at that moment, there. */
  async function hereOrThere<M extends CallableMethod>(
    id: string,
    method: M,
    args: ArgsOf<M>,
  ): Promise<ResultOf<M>> {
    try {
      return await here(method, args);
    } catch (error) {
      const holder = isHeldElsewhere(error) ? await findHolder(id).catch(() => undefined) : undefined;
      if (holder === undefined || holder === self) throw error;
      return await calls.call(holder, method, args);
    }
  }

  async function whereItRuns<M extends CallableMethod>(
    id: string,
    method: M,
    ...args: ArgsOf<M>
  ): Promise<ResultOf<M>> {
    const holder = await holderElsewhere(await local.readSession(id));
    return holder === undefined ? hereOrThere(id, method, args) : calls.call(holder, method, args);
  }

  /** For reads: what the stores know is an answer, too, where the holder is silent. */
  async function thereOrHere<M extends CallableMethod>(
    id: string,
    method: M,
    ...args: ArgsOf<M>
  ): Promise<ResultOf<M>> {
    try {
      return await whereItRuns(id, method, ...args);
    } catch (error) {
      if (!isHeldElsewhere(error)) throw error;
      return await here(method, args);
    }
  }

  async function readSession(id: string): Promise<SessionView | undefined> {
    const view = await local.readSession(id);
    if (heard.isDeleted(id)) return undefined;
    const holder = await holderElsewhere(view);
    if (!view || holder === undefined) return view;
    try {
      return await calls.call(holder, 'readSession', [id]);
    } catch (error) {
      if (!isHeldElsewhere(error)) throw error;
      const { qr: _, ...known } = view;
      return { ...known, status: 'STANDBY', heldBy: holder };
    }
  }

  return {
    async createSession(input) {
      const view = await hereOrThere(input.id, 'createSession', [input]);
      return (await readSession(input.id)) ?? view;
    },
    startSession: input =>
      input.takeOver ? local.startSession(input) : whereItRuns(input.id, 'startSession', input),
    stopSession: id => whereItRuns(id, 'stopSession', id),
    logoutSession: id => whereItRuns(id, 'logoutSession', id),
    requestPairingCode: input => whereItRuns(input.id, 'requestPairingCode', input),
    syncSession: input => whereItRuns(input.id, 'syncSession', input),
    restoreSession: input => whereItRuns(input.id, 'restoreSession', input),
    deleteSession: input => whereItRuns(input.id, 'deleteSession', input),
    sendText: input => whereItRuns(input.id, 'sendText', input),

    readSession,
    readCopies: id => thereOrHere(id, 'readCopies', id),
    readHistory: (id, page) => thereOrHere(id, 'readHistory', id, page),
    readStores: local.readStores,
    readKeys: local.readKeys,
    rotateKeys: local.rotateKeys,
    async listSessions(request) {
      const { sessions, unreachableStores } = await local.listSessions(EVERY_SESSION);
      const listed = shown(sessions).map(view => ({ id: view.id, view: () => view }));
      return { ...listPage(listed, request), unreachableStores };
    },

    ...createSessionWatch({
      events,
      find: readSession,
      known: () => shown(local.knownSessions()),
    }),
  };
}
