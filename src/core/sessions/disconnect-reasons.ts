import type { SessionStatus, StatusReason } from './session-views.ts';

/** Where a disconnection came from. The same number means different things: 403 is a verdict from WhatsApp, or a proxy's. */
export type DisconnectOrigin = 'whatsapp' | 'transport' | 'pairing-timeout' | 'logout' | 'local';

export interface Disconnect {
  readonly origin: DisconnectOrigin;
  /** The number that WhatsApp or the transport gave. */
  readonly code?: number;
  /** How long WhatsApp says that this lasts. */
  readonly lastsMs?: number;
}

/** How soon it is tried again; see reconnect-policy.ts. */
export type Pace = 'at-once' | 'network' | 'server' | 'limited' | 'replaced' | 'standby' | 'never';

export interface DisconnectReason {
  /** Stable code of `statusReason`. */
  readonly code: string;
  readonly status: SessionStatus;
  readonly pace: Pace;
  /** One sentence for a person: what happened and what to do. */
  readonly message: string;
  /** The number that WhatsApp or the transport gave. */
  readonly rawCode?: number;
  /** Not tried again before. */
  readonly leastPauseMs?: number;
}

const TRANSPORT: DisconnectReason = {
  code: 'CONNECTION_LOST',
  status: 'RECONNECTING',
  pace: 'network',
  message: 'The connection to WhatsApp was lost or could not be made; it is tried again.',
};

/** A proxy that counts: coming back soon would only be counted again. */
const PROXY_LIMIT: DisconnectReason = {
  code: 'CONNECTION_LIMITED',
  status: 'RECONNECTING',
  pace: 'limited',
  message:
    'Something between this server and WhatsApp limits how often it may connect; it is tried again, rarely.',
};

const PAIRING_EXPIRED: DisconnectReason = {
  code: 'PAIRING_EXPIRED',
  status: 'PAIRING_EXPIRED',
  pace: 'never',
  message: 'Nobody scanned a code in time. Start the session to see a new one.',
};

const LOGGED_OUT: DisconnectReason = {
  code: 'LOGGED_OUT',
  status: 'LOGGED_OUT',
  pace: 'never',
  message: 'This device was unlinked by request. Start the session to link it again.',
};

const UNKNOWN: DisconnectReason = {
  code: 'STREAM_ERROR',
  status: 'RECONNECTING',
  pace: 'server',
  message: 'WhatsApp ended the connection with an error; it is tried again.',
};

const retry = (code: string, pace: Pace, message: string): DisconnectReason => ({
  code,
  status: 'RECONNECTING',
  pace,
  message,
});
const failed = (code: string, message: string): DisconnectReason => ({
  code,
  status: 'FAILED',
  pace: 'never',
  message,
});

const CONFIG_REFUSED = failed(
  'CONFIG_REFUSED',
  'WhatsApp refuses this client as it introduces itself. Update sessiongraph.',
);

/**
 * What WhatsApp says, and the right reaction. No row deletes, logs out or overwrites anything (law 13).
 * Compiled from what whatsmeow, mautrix and fazer-ai do, and from Baileys' DisconnectReason.
 */
const BY_CODE: Readonly<Record<number, DisconnectReason>> = {
  400: CONFIG_REFUSED,
  401: {
    code: 'DEVICE_REMOVED',
    status: 'LOGGED_OUT',
    pace: 'never',
    message: 'The phone or WhatsApp unlinked this device. Start the session to link it again.',
  },
  402: retry(
    'TEMPORARILY_BANNED',
    'limited',
    'WhatsApp has blocked this account for a while; it is tried again, rarely.',
  ),
  403: failed(
    'PRIMARY_GONE',
    'WhatsApp no longer accepts this account. Look at the phone: it may be locked or moved.',
  ),
  405: retry(
    'CLIENT_OUTDATED',
    'server',
    'WhatsApp wants a newer client version. Update sessiongraph if this stays.',
  ),
  406: failed('BANNED', 'WhatsApp has banned this account. Appeal in the WhatsApp app on the phone.'),
  408: TRANSPORT,
  409: CONFIG_REFUSED,
  411: failed('NOT_MULTI_DEVICE', 'This account cannot link devices. Update WhatsApp on the phone.'),
  418: CONFIG_REFUSED,
  428: TRANSPORT,
  440: retry(
    'CONNECTION_REPLACED',
    'replaced',
    'Another program uses this session. Stop it, or stop this session.',
  ),
  500: UNKNOWN,
  503: retry(
    'WHATSAPP_UNAVAILABLE',
    'server',
    'WhatsApp is overloaded or under maintenance; it is tried again.',
  ),
  515: retry('RESTART_REQUIRED', 'at-once', 'WhatsApp asked for a new connection, as it does after pairing.'),
};

/** Pure: the reason for a disconnection, or undefined where it was our own doing. */
export function reasonOf(disconnect: Disconnect): DisconnectReason | undefined {
  const reason = lookUp(disconnect);
  const { code, lastsMs } = disconnect;
  return (
    reason && {
      ...reason,
      ...(code !== undefined && { rawCode: code }),
      ...(lastsMs !== undefined && { leastPauseMs: lastsMs }),
    }
  );
}

function lookUp({ origin, code }: Disconnect): DisconnectReason | undefined {
  if (origin === 'local') return undefined;
  if (origin === 'logout') return LOGGED_OUT;
  if (origin === 'pairing-timeout') return PAIRING_EXPIRED;
  // A proxy's status is never a verdict from WhatsApp, whatever the number.
  if (origin === 'transport') return code === 429 ? PROXY_LIMIT : TRANSPORT;
  return (code === undefined ? undefined : BY_CODE[code]) ?? UNKNOWN;
}

/** Of a session that is connected again at once, because its stores were changed under it. */
export const REOPENED: StatusReason = {
  code: 'REOPENED',
  message: 'The session was closed for a moment to change its copies; it connects again at once.',
};

/** What of a reason is shown to people. */
export function shown({ code, message, rawCode }: DisconnectReason): StatusReason {
  return { code, message, ...(rawCode !== undefined && { rawCode }) };
}
