import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createPageServer } from '../../src/simulator/page/page-server.ts';
import { createPlayground, type PlaygroundState } from '../../src/simulator/playground.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Client, createClient } from './client.ts';

const started: { simulator: Simulator; client: Client }[] = [];

afterEach(async () => {
  for (const { simulator, client } of started.splice(0)) {
    await client.end();
    await simulator.close();
  }
});

async function startPage() {
  const simulator = await startSimulator({ preKeyFloor: 1 });
  const playground = createPlayground(simulator);
  simulator.answerHttp(createPageServer(simulator, playground));
  const client = createClient(simulator.url);
  started.push({ simulator, client });
  return { simulator, playground, client, origin: `http://${new URL(simulator.url).host}` };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `fetch` would set Host and Origin by itself. */
function ask(url: string, method: string, headers: OutgoingHttpHeaders, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, async response => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const { statusCode: status = 0, headers: answered } = response;
      resolve({ status, headers: answered, body: Buffer.concat(chunks).toString() });
    });
    sent.on('error', reject).end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (url: string, body: object, headers: OutgoingHttpHeaders = {}) =>
  ask(url, 'POST', { ...JSON_TYPE, ...headers }, JSON.stringify(body));

/** Every state that the page is sent, until one fits. */
async function watch(origin: string, fits: (state: PlaygroundState) => boolean): Promise<PlaygroundState> {
  const { body } = await fetch(`${origin}/events`);
  let pending = '';
  for await (const chunk of body ?? []) {
    const messages = (pending + Buffer.from(chunk).toString()).split('\n\n');
    pending = messages.pop() ?? '';
    const found = messages.map(message => JSON.parse(message.slice('data: '.length))).find(fits);
    // Leaving the loop also ends the request.
    if (found !== undefined) return found;
  }
  throw new Error('the events ended');
}

test('the page is one small file that loads nothing, and says so to the browser', async () => {
  const { origin } = await startPage();
  const { status, headers, body } = await ask(`${origin}/`, 'GET', {});
  expect(status).toBe(200);
  expect(Buffer.byteLength(body)).toBeLessThan(20_000);
  expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
  expect(body).toContain(`<script nonce="${nonce}">`);
  expect((await ask(`${origin}/elsewhere`, 'GET', {})).status).toBe(404);
});

test('who pairs, writes and unlinks on the page sees what came of it', async () => {
  const { origin, client } = await startPage();
  client.connect();
  const qr = await client.qr();
  expect(await post(`${origin}/pair`, { text: qr })).toMatchObject({ status: 204 });
  expect(await client.closed()).toBe(515);
  client.connect();
  await client.opened();
  const [device] = (await watch(origin, ({ devices }) => devices[0]?.status === 'online')).devices;
  await post(`${origin}/send`, { text: 'from the page' });
  await post(`${origin}/group`, { text: 'to all' });
  await client.until(() => client.texts.length === 2);
  await client.send('15550002@s.whatsapp.net', 'to the page');
  const { messages, reports } = await watch(origin, state => {
    const fates = state.messages.map(({ fate }) => fate);
    return fates.length === 3 && fates.every(fate => /received|device \d and \d/.test(fate));
  });
  expect(messages.map(({ text }) => text).sort()).toEqual(['from the page', 'to all', 'to the page']);
  expect(reports).toEqual([]);
  expect(await post(`${origin}/kick`, { jid: device?.jid })).toMatchObject({ status: 204 });
  expect(await client.closed()).toBe(401);
  const { devices, events } = await watch(origin, state => state.devices.length === 0);
  expect(devices).toEqual([]);
  expect(events.map(({ kind }) => kind)).toContain('kicked');
});

test('a pairing code can be typed on the page, which says who waits for one', async () => {
  const { origin, client } = await startPage();
  client.connect();
  await client.qr();
  const code = await client.socket.requestPairingCode('15550001');
  const { codeRequests } = await watch(origin, state => state.codeRequests.length === 1);
  expect(codeRequests).toEqual([{ number: '15550001', platform: 'Chrome (Mac OS)' }]);
  expect(await post(`${origin}/pair`, { text: code })).toMatchObject({ status: 204 });
  expect(await client.closed()).toBe(515);
});

test('what cannot be done is said in words', async () => {
  const { origin } = await startPage();
  expect(await post(`${origin}/pair`, { text: 'x' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('neither'),
  });
  expect(await post(`${origin}/send`, { text: ' ' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('empty'),
  });
  expect(await post(`${origin}/kick`, { jid: 'nobody' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('no such'),
  });
  expect(await post(`${origin}/send`, { text: 5 })).toMatchObject({
    status: 400,
    body: expect.stringContaining('string'),
  });
  expect(await post(`${origin}/send`, { text: 'x'.repeat(20_000) })).toMatchObject({ status: 400 });
  expect(await ask(`${origin}/send`, 'POST', JSON_TYPE, '{')).toMatchObject({ status: 400 });
  expect(await post(`${origin}/nothing`, {})).toMatchObject({ status: 404 });
});

test('a website cannot read or do anything here', async () => {
  const { origin, playground } = await startPage();
  const { port } = new URL(origin);
  const refused: readonly [status: number, method: string, headers: OutgoingHttpHeaders][] = [
    [421, 'GET', { host: `evil.example:${port}` }],
    [421, 'GET', { host: '127.0.0.1' }],
    [421, 'POST', { host: `evil.example:${port}`, origin: `http://evil.example:${port}`, ...JSON_TYPE }],
    [403, 'POST', { origin: 'https://evil.example', ...JSON_TYPE }],
    [403, 'POST', { origin: 'null', ...JSON_TYPE }],
    [403, 'POST', { origin: `http://localhost:${port}`, ...JSON_TYPE }],
    [403, 'POST', { 'sec-fetch-site': 'cross-site', ...JSON_TYPE }],
    [415, 'POST', { 'content-type': 'text/plain' }],
    [415, 'POST', {}],
    [405, 'OPTIONS', { origin: 'https://evil.example' }],
  ];
  for (const [status, method, headers] of refused) {
    const answer = await ask(`${origin}/send`, method, headers, method === 'POST' ? '{"text":"evil"}' : '');
    expect([method, headers, answer.status]).toEqual([method, headers, status]);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
  expect(playground.state().messages).toEqual([]);
  expect(
    await post(`${origin}/send`, { text: 'own' }, { origin, 'sec-fetch-site': 'same-origin' }),
  ).toMatchObject({ status: 204 });
});
