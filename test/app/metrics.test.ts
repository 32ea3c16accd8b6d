import { expect, test } from 'vitest';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import { createFakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import { bearer, collect, eventually, startApp, subscribe, TRANSPORTS } from './test-app.ts';

const TOKEN = 'a token for metrics';
const BUILD = { version: '1', node: '2', baileys: '3' };
const QR = 'subscription { sessionQrIssued(id: "shop") { data } }';

async function startMeasured(metricsToken?: string) {
  const metrics = createMetrics(BUILD);
  const sessions = createFakeSessions(sessionView('shop', { phoneNumber: '+15550001' }));
  const config = { host: '127.0.0.1', port: 0, allowedOrigins: [], servesGraphiql: false, metricsToken };
  return { app: await startApp({ sessions, metrics, config }), metrics };
}

/** One sample, by its name and labels as they are printed; 0 where there is none. */
async function sample(metrics: Metrics, series: string): Promise<number> {
  const page = await metrics.render({ webSockets: 0, httpResponses: 0 });
  return Number(
    page
      .split('\n')
      .find(line => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1) ?? 0,
  );
}

const read = (port: number, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}/metrics`, { headers });

test('without a token of their own, metrics are for this machine, and not for what a proxy hands on', async () => {
  const { app } = await startMeasured();
  const page = await read(app.port);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await page.text()).toContain('sessiongraph_build_info{version="1",node="2",baileys="3"} 1');
  for (const header of ['x-forwarded-for', 'forwarded']) {
    expect((await read(app.port, { [header]: '203.0.113.7' })).status).toBe(403);
  }
});

test('with METRICS_TOKEN they are for who shows it, and for nobody else', async () => {
  const { app } = await startMeasured(TOKEN);
  expect((await read(app.port, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  for (const authorization of ['', TOKEN, `Bearer ${TOKEN}x`, await bearer()]) {
    const refused = await read(app.port, { authorization });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  }
});

test('an app without metrics has no such page', async () => {
  const app = await startApp();
  expect((await read(app.port)).status).toBe(404);
});

test('operations are counted by their type, and their errors by the code that clients see', async () => {
  const { app, metrics } = await startMeasured();
  await app.post('{ session(id: "shop") { id } }');
  await app.post('mutation { stopSession(input: { id: "nobody" }) { session { id } } }');
  await app.post('{ nothing }');
  await app.post('{ this is no GraphQL');
  app.sessions.failWith(new Error('of our own'));
  await app.post('{ session(id: "shop") { id } }');

  const count = (type: string) =>
    sample(metrics, `sessiongraph_graphql_operation_seconds_count{type="${type}"}`);
  expect([await count('query'), await count('mutation')]).toEqual([2, 1]);
  const errors = (code: string) => sample(metrics, `sessiongraph_graphql_errors_total{code="${code}"}`);
  expect(await errors('SESSION_NOT_FOUND')).toBe(1);
  expect(await errors('BAD_USER_INPUT')).toBe(2);
  expect(await errors('INTERNAL')).toBe(1);
  expect(app.logged).toHaveLength(1);
});

test.each(TRANSPORTS)('a subscription over %s is counted while it is open', async transport => {
  const { app, metrics } = await startMeasured();
  const open = () => sample(metrics, 'sessiongraph_graphql_subscriptions');
  const events = collect(subscribe(app, transport, QR));
  await eventually(() => expect(app.sessions.qrStreams).toHaveLength(1));
  app.sessions.qrStreams[0]?.push(qrCode('code'));
  await eventually(async () => expect(await open()).toBe(1));
  app.sessions.qrStreams[0]?.complete();
  expect(await events).toHaveLength(1);
  expect(await open()).toBe(0);
});

test('a subscription whose reader leaves is not counted any more', async () => {
  const { app, metrics } = await startMeasured();
  const socket = await openRawSocket(app, {}, { authorization: await bearer() });
  await socket.message({ type: 'connection_ack' });
  socket.subscribe('1', QR);
  await eventually(async () => {
    expect(await sample(metrics, 'sessiongraph_graphql_subscriptions')).toBe(1);
    expect(await (await read(app.port)).text()).toContain('\nsessiongraph_websockets 1\n');
  });
  socket.socket.terminate();
  await eventually(async () => expect(await sample(metrics, 'sessiongraph_graphql_subscriptions')).toBe(0));
});
