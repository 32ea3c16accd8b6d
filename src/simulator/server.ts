import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { serveConnection } from './client-connection.ts';
import { createClientLogin } from './client-login.ts';
import { readClientPayload } from './client-payload.ts';
import { serverIdentity } from './noise-certificate.ts';
import type { Registrar } from './registrar.ts';
import type { World } from './world.ts';

const LOOPBACK = '127.0.0.1';
const PATH = '/ws/chat';
const UPGRADE_REQUIRED = 426;

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on loopback. Who can reach the port can pair and read everything, so there is no option to listen elsewhere. */
export async function startServer(world: World, registrar: Registrar, port: number): Promise<RunningServer> {
  const http = createServer((_, response) => response.writeHead(UPGRADE_REQUIRED).end());
  const webSockets = new WebSocketServer({ server: http });
  const logIn = createClientLogin(world);

  webSockets.on('connection', (webSocket: WebSocket, { socket: tcp }) => {
    let client: Pick<ReturnType<Registrar['admit']>, 'onNode' | 'onClosed'> | undefined;
    world.records.noteConnection('connect');
    serveConnection({ webSocket, tcp }, serverIdentity(), {
      onOpened(connection, { noiseKey, clientPayload }) {
        const request = readClientPayload(clientPayload);
        client =
          request.kind === 'registration'
            ? registrar.admit(request, noiseKey, connection)
            : logIn(request, noiseKey, connection);
      },
      onNode: node => client?.onNode(node),
      onBroken: reason => world.records.noteConnection('broken', undefined, reason),
      onClosed: () => client?.onClosed(),
    });
  });

  await listen(http, port);
  return {
    url: `ws://${LOOPBACK}:${(http.address() as AddressInfo).port}${PATH}`,
    async close() {
      for (const webSocket of webSockets.clients) webSocket.terminate();
      webSockets.close();
      http.closeAllConnections();
      await new Promise(resolve => http.close(resolve));
    },
  };
}

const listen = (http: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, LOOPBACK, resolve);
  });
