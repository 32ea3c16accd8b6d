import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and loses what a test wants to be lost. */
export interface CuttingProxy {
  readonly port: number;
  /**
   * The next statement with this text reaches the server; its answer is cut off with the connection. Resolves when that
   * has happened.
   */
  loseAnswerTo(text: string): Promise<void>;
  /** The next statement with this text is the last thing the server hears; to it the client stays connected. */
  dieAfter(text: string): void;
  /** From now on nothing is forwarded, and nobody is told. */
  swallowAll(): void;
  close(): Promise<void>;
}

export async function openCuttingProxy(target: { host: string; port: number }): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let fatal: string | undefined;
  let isLost: () => void = () => {};
  let lastWords: string | undefined;
  let isSwallowing = false;
  const proxy = createServer(client => {
    const server = connect(target);
    let isDoomed = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => !isSwallowing && [client, server].map(end => end.destroy()));
    }
    client.on('data', bytes => {
      if (isSwallowing) return;
      if (fatal !== undefined && bytes.includes(fatal)) {
        fatal = undefined;
        isDoomed = true;
        isLost();
      }
      server.write(bytes);
      if (lastWords !== undefined && bytes.includes(lastWords)) isSwallowing = true;
    });
    server.on('data', bytes => {
      if (isDoomed) client.destroy();
      else if (!isSwallowing) client.write(bytes);
    });
  });
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    loseAnswerTo(text) {
      fatal = text;
      return new Promise(resolve => {
        isLost = resolve;
      });
    },
    dieAfter(text) {
      lastWords = text;
    },
    swallowAll() {
      isSwallowing = true;
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        proxy.close(() => resolve());
      }),
  };
}
