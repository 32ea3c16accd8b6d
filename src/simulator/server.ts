import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { serveConnection } from './client-connection.ts';
import { createClientLogin } from './client-login.ts';
import { readClientPayload } from './client-payload.ts';
import { serverIdentity } from './noise-certificate.ts';
import { failureStanza } from './reception.ts';
import type { Registrar } from './registrar.ts';
import type { ServedClient } from './served-client.ts';
import type { World } from './world.ts';

const LOOPBACK = '127.0.0.1';
const PATH = '/ws/chat';
const UPGRADE_REQUIRED = 426;

export interface RunningServer {
  readonly url: string;
  /** Hands plain HTTP requests to somebody; before, they are told to upgrade. */
  answerHttp(listener: RequestListener): void;
  /** Cuts every connection and stops listening, so that the port refuses connections. */
  pause(): Promise<void>;
  /** Listens on the same port again. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on loopback. Who can reach the port can pair and read everything, so there is no option to listen elsewhere. */
export async function startServer(world: World, registrar: Registrar, port: number): Promise<RunningServer> {
  let onRequest: RequestListener = (_, response) => void response.writeHead(UPGRADE_REQUIRED).end();
  const http = createServer((request, response) => onRequest(request, response));
  const webSockets = new WebSocketServer({ noServer: true });
  const serve = createWebSocketService(world, registrar);
  const sockets = new Set<Socket>();
  http.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request, socket, head) => {
    if (admitUpgrade(world, socket)) webSockets.handleUpgrade(request, socket, head, serve);
  });

  async function pause(): Promise<void> {
    const stopped = new Promise(resolve => http.close(resolve));
    for (const socket of sockets) socket.destroy();
    await stopped;
  }

  let isClosed = false;
  await listen(http, port);
  const { port: boundPort } = http.address() as AddressInfo;
  return {
    url: `ws://${LOOPBACK}:${boundPort}${PATH}`,
    answerHttp(listener) {
      onRequest = listener;
    },
    pause,
    async resume() {
      if (isClosed) throw new Error('the simulator is closed');
      await listen(http, boundPort);
    },
    close() {
      isClosed = true;
      return pause();
    },
  };
}

/** Whether a WebSocket may be opened; where not, the client was refused, or is left waiting. */
function admitUpgrade({ reception, records }: World, socket: Duplex): boolean {
  // Who is left waiting or cut off must not bring the process down.
  socket.on('error', () => socket.destroy());
  if (reception.hangPoint === 'upgrade') {
    records.noteConnection('unanswered', undefined, 'upgrade');
    return false;
  }
  const status = reception.upgradeRefusal;
  if (status === undefined) return true;
  records.noteConnection('upgrade-refused', undefined, String(status));
  const statusLine = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`;
  socket.end(`${statusLine}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  return false;
}

/** Takes an open WebSocket through the handshake, and then to the registrar or to the login. */
function createWebSocketService(world: World, registrar: Registrar) {
  const { records, reception } = world;
  const logIn = createClientLogin(world);

  return (webSocket: WebSocket, { socket: tcp }: { socket: Socket }): void => {
    let client: ServedClient | undefined;
    records.noteConnection('connect');
    if (reception.hangPoint === 'handshake') {
      records.noteConnection('unanswered', undefined, 'handshake');
      webSocket.on('error', () => webSocket.terminate());
      return;
    }
    serveConnection({ webSocket, tcp }, serverIdentity(), {
      onOpened(connection, hello) {
        const { loginFailure, hangPoint } = reception;
        const request = readClientPayload(hello.clientPayload);
        if (hangPoint === 'login') return records.noteConnection('unanswered', undefined, 'login');
        if (loginFailure) {
          records.noteConnection('login-refused', undefined, String(loginFailure.reason));
          connection.send(failureStanza(loginFailure));
          return connection.close();
        }
        client =
          request.kind === 'registration'
            ? registrar.admit(request, hello.noiseKey, connection)
            : logIn(request, hello, connection);
      },
      onNode: node => client?.onNode(node),
      onBroken: reason => records.noteConnection('broken', undefined, reason),
      onClosed: () => client?.onClosed(),
    });
  };
}

const listen = (http: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, LOOPBACK, () => {
      http.off('error', reject);
      resolve();
    });
  });
