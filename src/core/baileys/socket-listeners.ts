import type { WASocket } from '@whiskeysockets/baileys';

type Listener = (...given: unknown[]) => unknown;

/** A frame that cannot be decrypted rejects a promise that nobody awaits: it would end the process, not the socket. */
export function endOnBadFrame(sock: WASocket, onBadFrame: () => void): void {
  wrapListeners(sock, 'message', async call => {
    try {
      await call();
    } catch {
      onBadFrame();
    }
  });
}

/** Baileys answers some frames and does not look how that goes; where the connection has ended meanwhile, that is why. */
export function forgiveAfterEnd(sock: WASocket): void {
  const events = sock.ws.eventNames().filter(event => String(event).startsWith('CB:'));
  for (const event of events)
    wrapListeners(sock, event, async call => {
      try {
        await call();
      } catch (error) {
        if (sock.ws.isOpen) throw error;
      }
    });
}

function wrapListeners(
  { ws }: WASocket,
  event: string | symbol,
  around: (call: () => unknown) => Promise<void>,
): void {
  for (const listener of ws.listeners(event) as Listener[]) {
    ws.off(event, listener);
    ws.on(event, (...given: unknown[]) => around(() => listener(...given)));
  }
}
