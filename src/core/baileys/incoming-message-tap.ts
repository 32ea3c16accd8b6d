import type { BinaryNode, SocketConfig, WAMessage, WASocket } from '@whiskeysockets/baileys';
import { isReplay } from '../../signal/one-session-at-a-time.ts';
import { UncertainCommit } from '../../signal/uncertain-commit.ts';
import type { AuthState } from './auth-state.ts';
import { readStanza } from './incoming-message.ts';

export interface IncomingMessageTap {
  /** To be given to the socket in place of the auth state's own. */
  readonly makeSignalRepository: SocketConfig['makeSignalRepository'];
  watch(sock: WASocket): void;
}

export interface TapEvents {
  readonly onMessage: (message: WAMessage) => void;
  readonly onUndecryptable: () => void;
}

/**
 * Messages are taken where they are decrypted, which is before their receipt goes out. Baileys' own event comes after
 * it, is held back for up to 30 s, and is dropped when the socket ends in between: WhatsApp takes the message for
 * delivered by then, and what it delivers again counts as a duplicate of what was decrypted already.
 */
export function tapIncomingMessages(
  auth: AuthState,
  { onMessage, onUndecryptable }: TapEvents,
): IncomingMessageTap {
  const stanzas = new WeakMap<Uint8Array, BinaryNode>();

  function take(ciphertext: Uint8Array, plaintext: Uint8Array): void {
    const stanza = stanzas.get(ciphertext);
    const account = auth.state.creds.me;
    const message = stanza && account && readStanza(stanza, plaintext, account);
    if (message) onMessage(message);
  }

  async function taken(ciphertext: Uint8Array, decrypting: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const plaintext = await decrypting;
      take(ciphertext, plaintext);
      return plaintext;
    } catch (error) {
      // Told now or never: where the key is spent, WhatsApp's next delivery counts as a duplicate. Else it comes twice.
      if (error instanceof UncertainCommit) take(ciphertext, error.result as Uint8Array);
      else if (!isReplay(error)) onUndecryptable();
      throw error;
    }
  }

  return {
    makeSignalRepository(...args) {
      const repository = auth.makeSignalRepository(...args);
      return {
        ...repository,
        decryptMessage(request) {
          return taken(request.ciphertext, repository.decryptMessage(request));
        },
        decryptGroupMessage(request) {
          return taken(request.msg, repository.decryptGroupMessage(request));
        },
      };
    },
    watch(sock) {
      sock.ws.prependListener('CB:message', (stanza: BinaryNode) => {
        for (const child of Array.isArray(stanza.content) ? stanza.content : []) {
          if (child.content instanceof Uint8Array) stanzas.set(child.content, stanza);
        }
      });
      // Messages that the phone sent again at our request have no stanza of their own.
      sock.ev.on('messages.upsert', ({ messages, requestId }) => {
        if (requestId) messages.forEach(onMessage);
      });
    },
  };
}
