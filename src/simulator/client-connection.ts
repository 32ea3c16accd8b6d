import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type BinaryNode, decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import { createFrameReader, frame } from './frames.ts';
import { createNoiseResponder, type ServerIdentity } from './noise-responder.ts';
import { createSerial } from './serial.ts';

const GARBAGE_BYTES = 64;

/** One socket with a client behind it, after the Noise handshake. Sending to one that is gone does nothing. */
export interface ClientConnection {
  send(node: BinaryNode): void;
  /** Sends a frame of the right shape that was sealed with no key. */
  sendGarbage(): void;
  /** An orderly WebSocket close, after what was sent before. */
  close(code?: number): void;
  /** A TCP reset: nothing more is said. */
  reset(): void;
}

/** What a client says of itself before the first stanza. */
export interface ClientHello {
  readonly noiseKey: Buffer;
  readonly clientPayload: Buffer;
  readonly edgeRouting: Buffer | undefined;
}

export interface ConnectionEvents {
  onOpened(connection: ClientConnection, hello: ClientHello): void;
  onNode(node: BinaryNode): void | Promise<void>;
  /** The client broke the protocol, or something here failed on what it sent; it is cut off. */
  onBroken(reason: string): void;
  onClosed(): void;
}

/** Speaks Noise over a socket that has just been accepted. */
export function serveConnection(
  sockets: { readonly webSocket: WebSocket; readonly tcp: Socket },
  identity: ServerIdentity,
  events: ConnectionEvents,
): void {
  const { webSocket, tcp } = sockets;
  const noise = createNoiseResponder(identity);
  let edgeRouting: Buffer | undefined;
  const readFrames = createFrameReader(info => {
    edgeRouting = info;
  });
  const serial = createSerial();
  let phase: 'hello' | 'finish' | 'transport' = 'hello';

  const write = (bytes: Buffer) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(bytes);
  };
  const connection: ClientConnection = {
    send: node => write(frame(noise.seal(encodeBinaryNode(node)))),
    sendGarbage: () => write(frame(randomBytes(GARBAGE_BYTES))),
    close: code => webSocket.close(code),
    reset: () => tcp.resetAndDestroy(),
  };

  async function readFrame(bytes: Buffer): Promise<void> {
    if (phase === 'hello') {
      phase = 'finish';
      write(frame(noise.answerHello(bytes)));
    } else if (phase === 'finish') {
      phase = 'transport';
      const { clientStatic, clientPayload } = noise.readFinish(bytes);
      events.onOpened(connection, { noiseKey: clientStatic, clientPayload, edgeRouting });
    } else {
      await events.onNode(await decodeBinaryNode(noise.open(bytes)));
    }
  }

  webSocket.on('message', (data: Buffer) => {
    // Decoding may be asynchronous (zlib), and the stanzas of a client are only meaningful in their order.
    serial(async () => {
      for (const bytes of readFrames(data)) await readFrame(bytes);
    }).catch((error: Error) => {
      events.onBroken(error.message);
      webSocket.terminate();
    });
  });
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', () => void serial(async () => events.onClosed()));
}
