import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { AuthenticationError } from '../auth.ts';
import { GRAPHQL_PATH } from './graphql-engine.ts';
import type { Limits } from './limits.ts';
import type { IsOriginAllowed } from './origins.ts';
import type { SocketState } from './subscription-protocol.ts';

export interface WebSocketOptions {
  readonly protocol: Server<SocketState>;
  readonly isOriginAllowed: IsOriginAllowed;
  readonly limits: Limits;
  readonly logger: Pick<Logger, 'error'>;
}

/** Takes over connections that ask to become WebSockets, and ends them all when told to. */
export function createWebSockets(options: WebSocketOptions) {
  const { limits, isOriginAllowed } = options;
  const settings = {
    noServer: true,
    maxPayload: limits.socketMessageBytes,
    closeTimeout: limits.closeHandshakeMs,
    handleProtocols,
  };
  const server = new WebSocketServer(settings);
  /** Those that have not shown a token yet, the oldest first. */
  const strangers = new Set<WebSocket>();
  let isClosing = false;

  const refusalOf = (request: IncomingMessage): string | undefined => {
    if (request.url?.split('?', 1)[0] !== GRAPHQL_PATH) return '404 Not Found';
    // Browsers let any page open a WebSocket to anywhere; the Origin is all there is to tell.
    if (!isOriginAllowed(request)) return '403 Forbidden';
    return isClosing || !makeRoom() ? '503 Service Unavailable' : undefined;
  };

  /**
   * It takes a client no time to show its token. So where there is no room, the one that has not for the longest time
   * goes: who opens sockets and says nothing pushes out its own, and takes nobody's place.
   */
  function makeRoom(): boolean {
    if (server.clients.size < limits.sockets) return true;
    const [oldest] = strangers;
    oldest?.terminate();
    return oldest !== undefined && strangers.delete(oldest);
  }

  return {
    handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer) {
      connection.on('error', () => connection.destroy());
      const refusal = refusalOf(request);
      if (refusal !== undefined) {
        connection.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      server.handleUpgrade(request, connection, head, socket => {
        strangers.add(socket);
        const leave = () => void strangers.delete(socket);
        socket.once('close', leave);
        serveSocket(socket, options, leave);
      });
    },
    count: () => server.clients.size,
    /** From here on nobody new is let in. */
    refuse() {
      isClosing = true;
    },
    /** 1001 tells clients to come back, to whichever server is there then. */
    closeAll() {
      for (const socket of server.clients) socket.close(1001, 'Going away');
    },
    terminateAll() {
      for (const socket of server.clients) socket.terminate();
    },
  };
}

function serveSocket(
  socket: WebSocket,
  { protocol, limits, logger }: WebSocketOptions,
  admitted: () => void,
) {
  const gone = new AbortController();
  // Every operation listens, their number is bounded, and so does the place of the socket; Node warns of the eleventh.
  setMaxListeners(limits.operationsPerSocket + 2, gone.signal);
  const close = (code: number, reason: string) => socket.close(code, reason);
  const fail = (error: unknown) => {
    if (error instanceof AuthenticationError) return closeUnauthenticated(socket, error);
    logger.error({ event: 'socket.failed', err: error }, 'unexpected error on a WebSocket');
    close(4500, 'Internal server error');
  };
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: text => send(socket, text, limits.socketBacklogBytes),
      close: (code = 1000, reason = '') => close(code, reason),
      onMessage: receive => socket.on('message', data => void receive(data.toString()).catch(fail)),
    },
    { close, admitted, signal: gone.signal },
  );
  const stopPinging = keepAlive(socket, limits.pingIntervalMs);
  // A `close` follows every `error`, and says all there is to say.
  socket.on('error', () => undefined);
  socket.once('close', (code, reason) => {
    stopPinging();
    gone.abort();
    closed(code, reason.toString()).catch(fail);
  });
}

/** 1013 asks to come back later; clients take the other two for an answer. */
const CLOSE_CODES = { TOKEN_MISSING: 4403, TOKEN_REFUSED: 4401, KEYS_UNAVAILABLE: 1013 } as const;

const closeUnauthenticated = (socket: WebSocket, { code, message }: AuthenticationError) =>
  socket.close(CLOSE_CODES[code], message);

/**
 * Resolves when the kernel has taken the message, which paces each subscription by its reader. What is not paced,
 * answers to pings for one, piles up here instead: the reader that leaves a whole backlog is cut off.
 *
 * Once the socket is gone it still resolves, but not at once: a stream that always has a next value would
 * otherwise be read on and on, and the event that ends it would never get its turn.
 */
function send(socket: WebSocket, text: string, backlogBytes: number): Promise<void> {
  return new Promise(resolve => {
    if (socket.bufferedAmount > backlogBytes) socket.terminate();
    if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
    else setImmediate(resolve);
  });
}

/** A peer that is gone without a word, or reads nothing, answers no ping. */
function keepAlive(socket: WebSocket, intervalMs: number): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}
