import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock.ts';
import { createDeferred } from '../deferred.ts';
import { SessionError } from '../errors.ts';

export interface OutgoingText {
  readonly jid: string;
  readonly text: string;
  readonly messageId: string;
}

/** Baileys takes half a minute and more to see that a connection is dead. */
const ANSWER_MS = 20_000;

const ENDED = 'the connection ended while the message was sent';
const SILENT = 'WhatsApp did not acknowledge the message in time';

/**
 * Resolves when WhatsApp has acknowledged the message: Baileys is content when the frame is written, and what the
 * connection has not carried by then is lost with it. SESSION_NOT_CONNECTED where no answer comes, at once where the
 * connection ends meanwhile: what Baileys waits for then never comes, and it would go on waiting for a minute.
 * MESSAGE_REFUSED where the answer is a no.
 */
export async function sendText(
  sock: WASocket,
  { jid, text, messageId }: OutgoingText,
  { over, clock }: { readonly over: AbortSignal; readonly clock: Clock },
): Promise<void> {
  const outcome = createDeferred();
  const settled = new AbortController();
  const onEnd = () => outcome.reject(notConnected(ENDED));
  const onFrame = (frame: BinaryNode) => {
    const answer = readAnswer(frame);
    if (answer === 'taken') outcome.resolve();
    else if (answer) outcome.reject(refused(answer.error));
  };
  over.addEventListener('abort', onEnd, { once: true });
  // Before it is sent: the answer can overtake the promise of Baileys.
  sock.ws.on(`TAG:${messageId}`, onFrame);
  try {
    const written = sock.sendMessage(jid, { text, linkPreview: null }, { messageId });
    await Promise.race([written, outcome.promise]);
    void clock.sleep(ANSWER_MS, settled.signal).then(() => outcome.reject(notConnected(SILENT)));
    await outcome.promise;
  } catch (cause) {
    // A peer that is gone is told by `over` only when the socket has closed, which takes half a minute.
    const isOver = over.aborted || !sock.ws.isOpen;
    throw isOver && !(cause instanceof SessionError) ? notConnected(ENDED, cause) : cause;
  } finally {
    settled.abort();
    over.removeEventListener('abort', onEnd);
    sock.ws.off(`TAG:${messageId}`, onFrame);
  }
}

/** Not the receipts under this id: anybody can send those who guesses it. */
function readAnswer({ tag, attrs }: BinaryNode): 'taken' | { readonly error: string } | undefined {
  if (tag !== 'ack' || attrs.class !== 'message') return undefined;
  return attrs.error === undefined ? 'taken' : { error: attrs.error };
}

function notConnected(what: string, cause?: unknown): SessionError {
  return new SessionError('SESSION_NOT_CONNECTED', `${what}; repeat it with the same messageId`, { cause });
}

const refused = (error: string) =>
  new SessionError('MESSAGE_REFUSED', `WhatsApp refused the message (error ${error})`);
