import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import { leaks } from '../support/secret-leaks.ts';
import { ENCRYPTION_SECRET, type ServerProcess, TOKEN_SECRET } from '../support/server-process.ts';
import { createServerWorld, pairByQr, SESSION, type ServerWorld, sendText } from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const get = (server: ServerProcess, path: string) => fetch(new URL(path, server.api.url));

/** Waits for an event of the log, which may be split over several reads. */
const logged = (server: ServerProcess, event: string) =>
  until(`the log has ${event}`, () => {
    const lines = server.output().split('\n');
    const found = lines.find(line => line.startsWith('{') && line.includes(`"event":"${event}"`));
    return found && JSON.parse(found);
  });

it('the start is one event that says how every store does, and holds no secret', async () => {
  const tidb = { TIDB_HOST: '127.0.0.1', TIDB_PORT: '1', TIDB_PASSWORD: 'the password of the database' };
  const stores = { STORES: `file,file:${world.secondStore},tidb`, WRITE_ACK: `file:${world.secondStore}` };
  const server = await world.start({ ...tidb, ...stores, LOG_LEVEL: 'info' });
  expect(await logged(server, 'server.started')).toMatchObject({
    url: server.api.url,
    instance: 'test-server',
    authentication: 'HS256 by AUTH_JWT_SECRET',
    sessions: {},
    stores: [
      { order: 1, store: 'file', kind: 'file', awaited: true, reachable: true, sessions: 0 },
      { order: 2, kind: 'file', awaited: true, reachable: true, sessions: 0 },
      { order: 3, store: 'tidb', kind: 'tidb', awaited: false, reachable: false, sessions: null },
    ],
  });
  const secrets = [TOKEN_SECRET, ENCRYPTION_SECRET, tidb.TIDB_PASSWORD];
  expect(leaks(secrets, Buffer.from(server.output()))).toEqual([]);
});

it('on a terminal the start is a table', async () => {
  const server = await world.start({ LOG_FORMAT: 'pretty' });
  const output = await until(
    'the table is there',
    () => server.output().includes('reachable') && server.output(),
  );
  expect(output).toContain('instance test-server, port ');
  expect(output).toMatch(/^1 +file +file +yes +yes +0$/m);
});

it('metrics show a session and its stores, and no number of a phone', async () => {
  const server = await world.start();
  await pairByQr(server, world.phone);
  await sendText(server, '+15550002', 'hello');
  const followed = `\nsessiongraph_store_pending_changes{store="file:${world.secondStore}"} 0\n`;
  // The text is confirmed when the awaited stores have it; what is saved of it afterwards may still be on its way.
  const page = await until('the second store has all of it', async () => {
    const text = await (await get(server, '/metrics')).text();
    return text.includes(followed) && text;
  });
  expect(page).toContain('\nsessiongraph_sessions{status="CONNECTED"} 1\n');
  expect(page).toContain('\nsessiongraph_store_up{store="file"} 1\n');
  expect(page).toMatch(/\nsessiongraph_store_call_seconds_count\{store="file",call="applyChange"\} \d{2,}\n/);
  expect(page).toMatch(/\nnodejs_eventloop_lag_p99_seconds \d/);
  expect(
    leaks(['15550001', '15550002', SESSION, TOKEN_SECRET, ENCRYPTION_SECRET], Buffer.from(page)),
  ).toEqual([]);
});

it('is live whatever its stores do, and ready only while those that are awaited answer', async () => {
  const server = await world.start({ LOG_LEVEL: 'info' });
  expect((await get(server, '/health/ready')).status).toBe(200);
  await rm(world.secondStore, { recursive: true });
  expect((await get(server, '/health/ready')).status).toBe(503);
  expect((await get(server, '/health/live')).status).toBe(200);
  expect(await (await get(server, '/metrics')).text()).toContain(
    `\nsessiongraph_store_up{store="file:${world.secondStore}"} 0\n`,
  );
  expect(await logged(server, 'store.failing')).toMatchObject({ store: `file:${world.secondStore}` });
});

it('a stop that comes while it starts is heard, and ends it with 0', async () => {
  const tidb = { TIDB_HOST: '127.0.0.1', TIDB_PORT: '1', STORES: 'file,tidb' };
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      LOG_FORMAT: 'json',
      WHATSAPP_AUTH_DIR: world.firstStore,
      WHATSAPP_WS_URL: world.simulator.url,
      SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
      ...tidb,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // The first thing that is printed is that the database does not answer; the port is not open yet.
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('a server with connected sessions and open streams ends within 2.5 s of SIGTERM, with 0', async () => {
  const server = await world.start();
  await pairByQr(server, world.phone);
  server.api.subscribe('subscription { sessionStatusChanged { status } }', {}, () => {});
  await until('the stream is open', async () => {
    const page = await (await get(server, '/metrics')).text();
    return page.includes('\nsessiongraph_graphql_subscriptions 1\n');
  });
  const began = performance.now();
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(performance.now() - began).toBeLessThan(2_500);
});
