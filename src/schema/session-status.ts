import type { SessionStatus as Status } from '../core/sessions/session-views.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const DESCRIPTIONS: Record<Status, string> = {
  STOPPED: 'Not running because someone asked for that.',
  CONNECTING: 'Opening the socket or logging in.',
  PAIRING: 'A QR code or pairing code waits for the phone.',
  PAIRING_EXPIRED: 'Nobody scanned in time. Credentials are kept; startSession shows a new code.',
  CONNECTED: 'Logged in, ready to send and receive.',
  RECONNECTING: 'Lost the connection; tries again at statusReason.retryAt.',
  STANDBY: 'Another server holds this session.',
  QUARANTINED: 'Failed too often in a row: tried rarely, needs a look.',
  LOGGED_OUT:
    'The phone or WhatsApp unlinked the device. Its credentials are archived; startSession begins a new pairing.',
  FAILED: 'Terminal: statusReason says why and what to do.',
};

export const SessionStatus = builder.enumType('SessionStatus', {
  description: 'Where a session stands between being asked to run and being ready.',
  values: describedValues(DESCRIPTIONS),
});
