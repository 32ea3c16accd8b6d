import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../../src/core/fleet/bus.ts';
import { openRedisBus } from '../../../src/plugins/bus-redis/index.ts';
import { until } from '../../support/condition.ts';
import { type DatabaseServer, startDatabase } from '../../support/database-server.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { describeWithOwnServer } from '../../support/services.ts';
import { startSilentServer } from '../../support/silent-server.ts';

const open: Bus[] = [];

function connect(port: number): Bus {
  const bus = openRedisBus({ url: `redis://127.0.0.1:${port}` });
  open.push(bus);
  return bus;
}

/** What arrives under a topic, as text. */
function collect(bus: Bus, topic: string): string[] {
  const seen: string[] = [];
  bus.subscribe(topic, bytes => void seen.push(Buffer.from(bytes).toString()));
  return seen;
}

const isUp = (...buses: Bus[]) => until('the bus is up', () => buses.every(bus => bus.isUp));
const isDown = (...buses: Bus[]) => until('the bus is down', () => buses.every(bus => !bus.isUp));

/** Publishing is at most once: what proves that the way is there is that something arrives. */
async function arrives(from: Bus, seen: string[], word: string): Promise<void> {
  from.publish('all', Buffer.from(word));
  await until(`${word} arrives`, () => seen.includes(word));
}

afterEach(() => Promise.all(open.splice(0).map(bus => bus.close())));

describeWithOwnServer('redis', 'the bus', () => {
  let server: DatabaseServer;
  let proxy: FaultProxy;
  beforeAll(async () => {
    server = await startDatabase('redis');
    proxy = await startFaultProxy({ port: server.port });
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });
  afterEach(() => proxy.become({ kind: 'good' }));

  it('carries any bytes, under their topic, in order, to everybody who listens', async () => {
    const [a, b] = [connect(server.port), connect(server.port)];
    const [all, own, late] = [collect(b, 'all'), collect(a, 'all'), [] as Uint8Array[]];
    await isUp(a, b);
    b.subscribe('to/b', bytes => void late.push(bytes));
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await until('the late topic is there', () => {
      a.publish('to/b', bytes);
      return late.length > 0;
    });
    expect(Buffer.from(late[0] ?? []).equals(bytes)).toBe(true);
    for (let i = 0; i < 1_000; i += 1) a.publish('all', Buffer.from(String(i)));
    await until('all arrived', () => all.length === 1_000 && own.length === 1_000);
    expect(all).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
    expect(a.dropped).toBe(0);
  });

  it('is up again by itself after a restart of the server, and what was published meanwhile is lost', async () => {
    const [a, b] = [connect(server.port), connect(server.port)];
    const seen = collect(b, 'all');
    const changes: boolean[] = [];
    b.onChange(up => void changes.push(up));
    await isUp(a, b);
    await server.kill();
    await isDown(a, b);
    a.publish('all', Buffer.from('lost'));
    await server.restart();
    await isUp(a, b);
    await arrives(a, seen, 'after');
    expect(seen).toEqual(['after']);
    expect(a.dropped).toBe(1);
    expect(changes).toEqual([true, false, true]);
  });

  it('notices a connection that leads nowhere, also where it says nothing, and comes back', async () => {
    const [a, b] = [connect(server.port), connect(proxy.port)];
    const seen = collect(b, 'all');
    await isUp(a, b);
    proxy.become({ kind: 'black-hole' });
    await isDown(b);
    expect(a.isUp).toBe(true);
    proxy.become({ kind: 'good' });
    await isUp(b);
    await arrives(a, seen, 'after');
  });

  it('keeps no more than its limit for a server that does not take it', async () => {
    const a = connect(proxy.port);
    await isUp(a);
    proxy.become({ kind: 'black-hole' });
    const mebibyte = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 10; i += 1) a.publish('all', mebibyte);
    expect(a.dropped).toBe(6);
    await isDown(a);
    await until('what was on its way is given up', () => a.dropped === 10);
    proxy.become({ kind: 'good' });
    await isUp(a);
    a.publish('all', mebibyte);
    expect(a.dropped).toBe(10);
  });

  it('is down with a wrong password, says so without it, and goes on trying', async () => {
    const admin = new Redis(server.url);
    await admin.config('SET', 'requirepass', 'right');
    const errors: string[] = [];
    const url = `redis://:hunter2@127.0.0.1:${server.port}`;
    const bus = openRedisBus({ url, onError: error => void errors.push(String(error)) });
    open.push(bus);
    await until('it is refused twice', () => errors.filter(text => text.includes('WRONGPASS')).length > 1);
    expect(bus.isUp).toBe(false);
    expect(errors.join()).not.toContain('hunter2');
    await admin.config('SET', 'requirepass', 'hunter2');
    await isUp(bus);
    await admin.config('SET', 'requirepass', '');
    admin.disconnect();
  });
});

describe('a server that is away', () => {
  it('delays nothing: opening, publishing and closing are done at once', async () => {
    const silent = await startSilentServer();
    for (const port of [1, silent.port]) {
      const begun = performance.now();
      const bus = connect(port);
      bus.publish('all', Buffer.from('x'));
      await bus.close();
      expect(performance.now() - begun).toBeLessThan(500);
      expect(bus).toMatchObject({ isUp: false, dropped: 1 });
    }
    await silent.close();
  });
});
