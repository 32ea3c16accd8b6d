import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the network between a program and its database does. */
export type Network =
  | { readonly kind: 'good' }
  /** Every byte arrives this much later, in both directions. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Bytes go in and nothing comes out, of old connections and of new ones; nobody is told. */
  | { readonly kind: 'black-hole' }
  /** What the program says arrives, and no answer comes back. */
  | { readonly kind: 'half-open' }
  /** So many bytes a second. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Each connection is reset when it is so old, whatever it is at. */
  | { readonly kind: 'short-lived'; readonly lifeMs: number }
  /** Connections are refused, and those that were open reset. */
  | { readonly kind: 'reset' };

export interface FaultProxy {
  readonly port: number;
  become(network: Network): void;
  /** Resets every connection once; new ones are as good as before. */
  resetAll(): void;
  /** The next `count` bytes of answers arrive; then their connection is reset, in the middle of a packet. */
  cutAfter(count: number): void;
  /** Bytes that went either way so far, how often the program spoke after the server had, and connections that ended. */
  readonly traffic: {
    readonly toServer: number;
    readonly toClient: number;
    readonly roundTrips: number;
    readonly ended: number;
  };
  close(): Promise<void>;
}

/** One direction of one connection. */
interface Lane {
  readonly goes: 'to-server' | 'to-client';
  freeAt: number;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands before a server that speaks any protocol over TCP, on loopback. */
export async function startFaultProxy(target: { port: number; host?: string }): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let network: Network = { kind: 'good' };
  let cutIn = Number.POSITIVE_INFINITY;
  const traffic = { toServer: 0, toClient: 0, roundTrips: 0, ended: 0 };

  const listener = createServer(client => {
    if (network.kind === 'reset') return void client.resetAndDestroy();
    const server = connect({ host: target.host ?? '127.0.0.1', port: target.port, noDelay: true });
    client.setNoDelay(true);
    const pair = { client, server };
    pairs.add(pair);
    limitLife(pair);
    const [there, back]: [Lane, Lane] = [
      { goes: 'to-server', freeAt: 0 },
      { goes: 'to-client', freeAt: 0 },
    ];
    let lastSpoke: 'client' | 'server' = 'server';
    client.on('data', bytes => {
      traffic.toServer += bytes.length;
      if (lastSpoke === 'server') traffic.roundTrips += 1;
      lastSpoke = 'client';
      forward(bytes, server, there);
    });
    server.on('data', bytes => {
      traffic.toClient += bytes.length;
      lastSpoke = 'server';
      cutIn -= bytes.length;
      if (cutIn >= 0) return forward(bytes, client, back);
      client.write(bytes.subarray(0, bytes.length + cutIn), () => reset(pair));
      cutIn = Number.POSITIVE_INFINITY;
    });
    for (const socket of [client, server]) {
      socket.on('error', () => reset(pair));
      socket.on('close', () => reset(pair));
    }
  });

  /** When the next bytes may arrive, keeping their order. Undefined: never. */
  function arrivalOf(bytes: Buffer, lane: Lane): number | undefined {
    const now = performance.now();
    switch (network.kind) {
      case 'black-hole':
      case 'reset':
        return undefined;
      case 'half-open':
        return lane.goes === 'to-server' ? now : undefined;
      case 'latency':
        return now + network.ms;
      case 'slow':
        return Math.max(now, lane.freeAt) + (bytes.length / network.bytesPerSecond) * 1_000;
      case 'good':
      case 'short-lived':
        return now;
    }
  }

  function forward(bytes: Buffer, to: Socket, lane: Lane): void {
    const arrival = arrivalOf(bytes, lane);
    if (arrival === undefined) return;
    lane.freeAt = Math.max(lane.freeAt, arrival);
    const send = () => void (to.writable && to.write(bytes));
    const waitMs = lane.freeAt - performance.now();
    if (waitMs > 0) setTimeout(send, waitMs);
    else send();
  }

  function limitLife(pair: Pair): void {
    if (network.kind === 'short-lived') setTimeout(reset, network.lifeMs, pair).unref();
  }

  function reset(pair: Pair): void {
    if (pairs.delete(pair)) traffic.ended += 1;
    pair.client.resetAndDestroy();
    pair.server.destroy();
  }

  function resetAll(): void {
    for (const pair of [...pairs]) reset(pair);
  }

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    traffic,
    resetAll,
    become(next) {
      network = next;
      if (next.kind === 'reset') resetAll();
      for (const pair of pairs) limitLife(pair);
    },
    cutAfter(count) {
      cutIn = count;
    },
    async close() {
      listener.close();
      resetAll();
      await once(listener, 'close');
    },
  };
}
