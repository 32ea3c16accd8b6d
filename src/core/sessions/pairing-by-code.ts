import { readPhoneNumber } from '../baileys/incoming-message.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionRunner } from './session-runner.ts';
import type { PairingCodeResult } from './sessions.ts';

const READY_MS = 30_000;
/** WhatsApp hands out six refs for one attempt; a code lives as long as the attempt. */
const REFS = 6;
const NEXT_REF_MS = 20_000;

/**
 * Pairs by a code that is typed on the phone. It needs a socket that waits for pairing, so a session that rests is
 * started, and the code is shown only when the credentials it stands for are durable (law 12).
 */
export async function pairByCode(
  { events, clock }: { readonly events: SessionEvents; readonly clock: Clock },
  runner: SessionRunner,
  phoneNumber: string,
): Promise<PairingCodeResult> {
  const digits = readPhoneNumber(phoneNumber);
  if (!digits) throw new SessionError('BAD_USER_INPUT', '`phoneNumber` is E.164, like +15551234567');
  const { state, holding } = runner;
  const { id, linked } = state.view();
  if (linked) throw new SessionError('SESSION_ALREADY_LINKED', `session ${id} is linked; log it out first`);
  await runner.start();
  await untilPairing(events, clock, runner);
  const connection = runner.connection();
  if (!connection) throw new SessionError('SESSION_NOT_CONNECTED', `session ${id} lost its connection`);
  const code = await connection.requestPairingCode(digits);
  await holding.held()?.session.entries.flush();
  const qr = state.view().qr;
  const shownUntil = qr?.expiresAt.getTime() ?? clock.now();
  return {
    code,
    expiresAt: new Date(shownUntil + Math.max(0, REFS - (qr?.ordinal ?? REFS)) * NEXT_REF_MS),
    session: state.view(),
  };
}

/** Resolves when a code could be scanned, which is when one can be asked for. */
async function untilPairing(events: SessionEvents, clock: Clock, { state }: SessionRunner): Promise<void> {
  const { id } = state.view();
  const changes = events.subscribeStatus(other => other === id);
  const over = new AbortController();
  void clock.sleep(READY_MS, over.signal).then(() => changes.complete());
  try {
    while (state.status !== 'PAIRING') {
      if ((await changes.next()).done) {
        throw new SessionError(
          'SESSION_NOT_CONNECTED',
          `session ${id} is ${state.status}: WhatsApp cannot be reached`,
        );
      }
    }
  } finally {
    over.abort();
    await changes.return?.();
  }
}
