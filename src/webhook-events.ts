import { createHash } from 'node:crypto';
import type { WebhookEventName } from './config/webhooks.ts';
import type { IncomingMessage, SessionView, StatusChange } from './core/sessions/session-views.ts';
import type { WebhookEvent } from './plugins/notify-webhook/index.ts';
import type { StoreTurn } from './store-turns.ts';

type NamedEvent = WebhookEvent & { readonly type: WebhookEventName };

/** What was last known of a session. */
export type KnownState = Pick<StatusChange, 'status'> &
  Pick<SessionView, 'linked'> &
  Partial<Pick<SessionView, 'heldBy' | 'createdAt'>> & { readonly reasonCode?: string | undefined };

export function stateAfter({ session, status, reason }: StatusChange): KnownState {
  const { linked, heldBy, createdAt } = session;
  return { status, linked, createdAt, reasonCode: reason?.code, ...(heldBy !== undefined && { heldBy }) };
}

/** Of a session that was not known before: what the change says itself of the time before it. */
export function stateBefore({ session, previous }: StatusChange): KnownState | undefined {
  return previous && { status: previous, linked: session.linked };
}

/**
 * What a change of status means to the world, told by the server that runs the session. Several may follow from one
 * change. Picked field by field: the view of a session also holds its QR code.
 */
export function eventsOf(before: KnownState, change: StatusChange, self: string): NamedEvent[] {
  const { session, status, reason, at } = change;
  const names = namesOf(before, stateAfter(change), self);
  const data = {
    sessionId: session.id,
    status,
    previousStatus: before.status,
    phoneNumber: session.phoneNumber,
    reason,
    server: self,
  };
  return names.map(type => ({ id: idOf(type, session.id, at), type, lane: session.id, at, data }));
}

function namesOf(before: KnownState, after: KnownState, self: string): WebhookEventName[] {
  const owner = after.heldBy ?? before.heldBy;
  if (owner !== undefined && owner !== self) {
    const wasOurs = before.heldBy === self && before.status === 'CONNECTED';
    return wasOurs ? ['session.taken_over'] : [];
  }
  const enters = (status: StatusChange['status']) => after.status === status && before.status !== status;
  const isReplaced = ({ reasonCode }: KnownState) => reasonCode === 'CONNECTION_REPLACED';
  const happened: readonly (readonly [WebhookEventName, boolean])[] = [
    ['session.paired', after.linked && !before.linked],
    ['session.connected', enters('CONNECTED')],
    ['session.disconnected', before.status === 'CONNECTED' && after.status !== 'CONNECTED'],
    ['session.taken_over', isReplaced(after) && !isReplaced(before)],
    ['session.logged_out', enters('LOGGED_OUT')],
    ['session.qr_needed', enters('PAIRING')],
  ];
  return happened.flatMap(([name, isTrue]) => (isTrue ? [name] : []));
}

export function deletionEvent(sessionId: string, known: KnownState | undefined, at: Date): NamedEvent {
  const type = 'session.deleted';
  return {
    id: idOf(type, sessionId, known?.createdAt ?? at),
    type,
    lane: sessionId,
    at,
    data: { sessionId },
  };
}

export function messageEvent(message: IncomingMessage): NamedEvent {
  return { type: 'message.received', lane: message.sessionId, at: message.at, data: message };
}

export function storeEvent({ store, isUp, why }: StoreTurn, at: Date, server: string): NamedEvent {
  const type = isUp ? 'store.recovered' : 'store.degraded';
  return { type, lane: `${STORE_LANE}${store}`, at, data: { store, code: why, server } };
}

/** The same on every server that tells of the same thing, so that a receiver takes it for one. */
function idOf(type: string, sessionId: string, at: Date): string {
  return createHash('sha256')
    .update(`${type}\n${sessionId}\n${at.getTime()}`)
    .digest('base64url')
    .slice(0, 22);
}

/** No session id has a space in it. */
const STORE_LANE = 'store ';

/** The session that an event was about; undefined where it was about a store. */
export const sessionOfLane = (lane: string): string | undefined =>
  lane.startsWith(STORE_LANE) ? undefined : lane;
