import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock.ts';
import { createDeferred } from '../deferred.ts';
import { SessionError } from '../errors.ts';

const ANSWER_MS = 10_000;

/**
 * Asks for a pairing code and waits until WhatsApp takes it. Baileys hands out the code as soon as the request is
 * sent, whatever comes back (https://github.com/WhiskeySockets/Baileys/issues/2737), and people type it in vain.
 */
export async function requestPairingCode(sock: WASocket, phoneNumber: string, clock: Clock): Promise<string> {
  const answered = createDeferred<'taken' | 'refused' | 'silent'>();
  const over = new AbortController();
  const listen = (frame: BinaryNode | Uint8Array) => {
    const verdict = readAnswer(frame);
    if (verdict) answered.resolve(verdict);
  };
  sock.ws.on('frame', listen);
  void clock.sleep(ANSWER_MS, over.signal).then(() => answered.resolve('silent'));
  try {
    const code = await sock.requestPairingCode(phoneNumber.replace('+', ''));
    const verdict = await answered.promise;
    if (verdict === 'taken') return code;
    throw new SessionError(
      'PAIRING_REFUSED',
      `WhatsApp ${verdict === 'refused' ? 'refused' : 'did not answer'} the request`,
    );
  } finally {
    over.abort();
    sock.ws.off('frame', listen);
  }
}

/** The next answer to a query of the client: there is no other under way while a socket waits for pairing. */
function readAnswer(frame: BinaryNode | Uint8Array): 'taken' | 'refused' | undefined {
  if (frame instanceof Uint8Array || frame.tag !== 'iq') return undefined;
  if (frame.attrs.type === 'error') return 'refused';
  return frame.attrs.type === 'result' ? 'taken' : undefined;
}
