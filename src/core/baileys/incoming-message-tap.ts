import type { BinaryNode, SocketConfig, WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { AuthState } from './auth-state.ts';
import { readStanza } from './incoming-message.ts';

export interface IncomingMessageTap {
  /** To be given to the socket in place of the auth state's own. */
  readonly makeSignalRepository: SocketConfig['makeSignalRepository'];
  watch(sock: WASocket): void;
}

/**
 * Messages are taken where they are decrypted, which is before their receipt goes out. Baileys' own event comes after
 * it, is held back for up to 30 s, and is dropped when the socket ends in between: WhatsApp takes the message for
 * delivered by then, and what it delivers again counts as a duplicate of what was decrypted already.
 */
export function tapIncomingMessages(
  auth: AuthState,
  onMessage: (message: WAMessage) => void,
): IncomingMessageTap {
  const stanzas = new WeakMap<Uint8Array, BinaryNode>();

  function take(ciphertext: Uint8Array, plaintext: Uint8Array): void {
    const stanza = stanzas.get(ciphertext);
    const account = auth.state.creds.me;
    const message = stanza && account && readStanza(stanza, plaintext, account);
    if (message) onMessage(message);
  }

  return {
    makeSignalRepository(...args) {
      const repository = auth.makeSignalRepository(...args);
      return {
        ...repository,
        async decryptMessage(request) {
          const plaintext = await repository.decryptMessage(request);
          take(request.ciphertext, plaintext);
          return plaintext;
        },
        async decryptGroupMessage(request) {
          const plaintext = await repository.decryptGroupMessage(request);
          take(request.msg, plaintext);
          return plaintext;
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
