import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from './condition.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

let echo: Server;
let proxy: FaultProxy;
let heard: string;
beforeEach(async () => {
  heard = '';
  echo = createServer(socket => {
    socket.on('error', () => {});
    socket.on('data', bytes => {
      heard += bytes;
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  await proxy.close();
  echo.close();
});

interface Talker {
  readonly socket: Socket;
  answers(): string;
  readonly ended: Promise<unknown>;
}

async function dial(): Promise<Talker> {
  const socket = connect(proxy.port, '127.0.0.1');
  let answers = '';
  socket.on('data', bytes => {
    answers += bytes;
  });
  const ended = once(socket, 'close').catch(() => {});
  socket.on('error', () => {});
  await once(socket, 'connect').catch(() => {});
  return { socket, answers: () => answers, ended };
}

it('passes everything on, in order, also late and slowly', async () => {
  const { socket, answers } = await dial();
  for (const network of [
    { kind: 'good' },
    { kind: 'latency', ms: 20 },
    { kind: 'slow', bytesPerSecond: 2_000 },
  ] as const) {
    proxy.become(network);
    for (const part of ['one ', 'two ', 'three ']) socket.write(part);
  }
  await until('all of it is back', () => answers() === 'one two three '.repeat(3));
  expect(proxy.traffic.roundTrips).toBeGreaterThan(0);
});

it('swallows what falls into a black hole, and answers of a connection that is half open', async () => {
  const { socket, answers } = await dial();
  proxy.become({ kind: 'black-hole' });
  socket.write('lost ');
  await until('it went out', () => proxy.traffic.toServer === 5);
  proxy.become({ kind: 'half-open' });
  socket.write('heard ');
  await until('it was heard', () => heard === 'heard ');
  proxy.become({ kind: 'good' });
  socket.write('answered ');
  await until('it is answered', () => answers() === 'answered ');
});

it('resets what is open or grows old, refuses what comes, and cuts an answer in the middle', async () => {
  const first = await dial();
  proxy.become({ kind: 'reset' });
  await first.ended;
  await (await dial()).ended;
  proxy.become({ kind: 'good' });
  const cut = await dial();
  proxy.cutAfter(4);
  cut.socket.write('in the middle');
  await cut.ended;
  expect(['', 'in t']).toContain(cut.answers());
  proxy.become({ kind: 'short-lived', lifeMs: 20 });
  await (await dial()).ended;
  proxy.become({ kind: 'good' });
  const last = await dial();
  last.socket.write('whole');
  await until('it is whole again', () => last.answers() === 'whole');
});
