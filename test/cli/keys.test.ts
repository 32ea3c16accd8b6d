import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createKeyring } from '../../src/core/sealing/keyring.ts';
import { silentLogger } from '../../src/logger.ts';
import { openVault } from '../../src/open-vault.ts';
import { type Server, startServer } from '../../src/server.ts';
import { createApiClient } from '../support/api-client.ts';
import { until } from '../support/condition.ts';
import { runCli } from './run-cli.ts';

const [OLD, NEW] = ['a1'.repeat(32), 'b2'.repeat(32)];
const TOKEN_SECRET = 'c3'.repeat(32);

let folder: string;
let environment: Record<string, string>;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessiongraph-keys-'));
  environment = {
    WHATSAPP_AUTH_DIR: join(folder, 'first'),
    STORES: `file,file:${join(folder, 'second')}`,
    SESSION_ENCRYPTION_SECRET: OLD,
    AUTH_JWT_SECRET: TOKEN_SECRET,
    // Nobody listens there: sessions are held, and never connect.
    WHATSAPP_WS_URL: 'ws://127.0.0.1:9',
    SESSIONGRAPH_URL: 'http://127.0.0.1:9/graphql',
    PORT: '0',
  };
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function makeSession(sessionId: string) {
  const { vault, chain } = await openVault(readConfig(environment));
  const record = { createdAt: 0, desiredState: 'STOPPED', excludedStores: [] } as const;
  const session = await vault.create({ sessionId, record, entries: [], onFailure: () => {} });
  await session.close();
  await chain.close();
}

async function serve() {
  server = await startServer(readConfig(environment), silentLogger);
  await server.boot();
  environment.SESSIONGRAPH_URL = server.url;
  return server;
}

const json = async (...args: string[]) => JSON.parse((await runCli([...args, '--json'], environment)).output);
const countsOf = async () =>
  (await json('keys', 'list')).keys.map(({ copies }: { copies: { count: number }[] }) =>
    copies.map(({ count }) => count),
  );
const fingerprintOf = async (secret: string) => (await createKeyring([secret])).fingerprints[0] ?? '';

it('generate prints a secret that the configuration takes, and nothing else; another one each time', async () => {
  const { code, output, errors } = await runCli(['keys', 'generate']);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  const config = readConfig({ ...environment, SESSION_ENCRYPTION_SECRET: output.trim() });
  expect(config.encryptionSecrets).toEqual([output.trim()]);
  expect((await runCli(['keys', 'generate'])).output).not.toBe(output);
});

it('list, rotate and retire work on the stores where no server runs, and show no secret', async () => {
  for (const id of ['a', 'b']) await makeSession(id);
  environment.SESSION_ENCRYPTION_SECRET = `${NEW},${OLD}`;
  const [older, newer] = [await fingerprintOf(OLD), await fingerprintOf(NEW)];
  const listed = await runCli(['keys', 'list'], environment);
  expect(listed.output).toContain(older);
  expect(listed.output).not.toMatch(new RegExp(`${OLD}|${NEW}`));
  expect(await countsOf()).toEqual([[], [2, 2]]);

  const refused = await runCli(['keys', 'retire', older], environment);
  expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('In file, 2 under it: a, b') });
  expect(await json('keys', 'rotate')).toEqual({ rewrapped: 2, current: 0, left: [] });
  expect(await json('keys', 'rotate')).toEqual({ rewrapped: 0, current: 2, left: [] });
  expect(await json('keys', 'retire', older)).toEqual({ fingerprint: older, retirable: true });
  expect((await runCli(['keys', 'retire', newer], environment)).code).toBe(1);
  expect((await runCli(['keys', 'retire', 'feed'], environment)).code).toBe(1);

  environment.SESSION_ENCRYPTION_SECRET = NEW;
  expect(await countsOf()).toEqual([[2, 2]]);
});

it('a running server rotates what it holds and what rests; what it holds stays held', async () => {
  await makeSession('rests');
  environment.SESSION_ENCRYPTION_SECRET = OLD;
  const before = await serve();
  const create = 'mutation { createSession(input: { id: "runs" }) { session { heldBy } } }';
  const token = (await runCli(['token', '--scope', 'admin'], environment)).output.trim();
  await createApiClient(before.url, token).request(create);
  await before.stop();
  environment.SESSION_ENCRYPTION_SECRET = `${NEW},${OLD}`;
  const { url } = await serve();
  const api = createApiClient(url, token);
  const view = () => api.request(VIEW);
  const held = await until('it is held again', async () => {
    const { session } = await view();
    return session.heldBy !== null && session;
  });
  expect(await countsOf()).toEqual([[], [2, 2]]);
  expect(await json('keys', 'rotate')).toEqual({ rewrapped: 2, current: 0, left: [] });
  expect(await countsOf()).toEqual([[2, 2], []]);
  // The second server's one opening: had it been opened again for this, it would be 3.
  expect((await view()).session).toEqual({ ...held, epoch: '2' });
  expect((await runCli(['keys', 'retire', await fingerprintOf(OLD)], environment)).code).toBe(0);
  const reader = await runCli(['token'], environment);
  const denied = await runCli(['keys', 'list', '--token', reader.output.trim()], environment);
  expect(denied.code).toBe(77);
});

const VIEW = '{ session(id: "runs") { heldBy epoch } }';

it('a data directory that somebody has open, where no server answers, is left alone', async () => {
  await makeSession('a');
  const { chain } = await openVault(readConfig(environment));
  const { code, errors } = await runCli(['keys', 'rotate'], environment);
  await chain.close();
  expect({ code, errors }).toEqual({ code: 69, errors: expect.stringContaining(String(process.pid)) });
});
