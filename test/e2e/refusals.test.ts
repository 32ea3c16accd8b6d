import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/auth.ts';
import { ApiFailure, createApiClient } from '../support/api-client.ts';
import { type ServerProcess, TOKEN_SECRET } from '../support/server-process.ts';
import { createServerWorld, pairByQr, SESSION, type ServerWorld } from '../support/server-world.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const START = 'mutation ($id: ID!) { startSession(input: { id: $id }) { session { status } } }';
const STOP = 'mutation ($id: ID!) { stopSession(input: { id: $id }) { session { status } } }';
const CREATE = 'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }';
const SEND = 'mutation ($input: SendTextInput!) { sendText(input: $input) { messageId } }';
const READ = 'query ($id: ID!) { session(id: $id) { status revision } }';

let world: ServerWorld;
let server: ServerProcess;
beforeAll(async () => {
  world = await createServerWorld();
  server = await world.start();
  await pairByQr(server, world.phone);
  // A session that runs writes by itself; one that rests changes only by what is asked of the server.
  await server.api.request(STOP, { id: SESSION });
});
afterAll(() => world.close());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    data => `answered ${JSON.stringify(data)}`,
    error => (error instanceof ApiFailure ? error.errors[0]?.extensions.code : `${error}`),
  );

describe('what is refused changes nothing', () => {
  it.each([
    ['a session id that climbs', START, { id: '../x' }, 'BAD_USER_INPUT'],
    ['a session id that starts with a dot', CREATE, { input: { id: '.hidden' } }, 'BAD_USER_INPUT'],
    ['an empty session id', CREATE, { input: { id: '' } }, 'BAD_USER_INPUT'],
    ['a session id of 129 characters', CREATE, { input: { id: 'x'.repeat(129) } }, 'BAD_USER_INPUT'],
    ['a malformed id in a query', READ, { id: 'a/b' }, 'BAD_USER_INPUT'],
    ['a store that is not there', CREATE, { input: { id: 'new', excludeStores: ['tape'] } }, 'STORE_UNKNOWN'],
    ['excluding every store', CREATE, { input: { id: 'new', excludeStores: 'ALL' } }, 'BAD_USER_INPUT'],
    ['starting an unknown session', START, { id: 'nobody' }, 'SESSION_NOT_FOUND'],
    ['stopping an unknown session', STOP, { id: 'nobody' }, 'SESSION_NOT_FOUND'],
    [
      'sending from an unknown session',
      SEND,
      { input: { id: 'nobody', to: '+15550002', text: 'x' } },
      'SESSION_NOT_FOUND',
    ],
    ['a recipient that is none', SEND, { input: { id: SESSION, to: 'Ada', text: 'x' } }, 'BAD_USER_INPUT'],
    ['an empty text', SEND, { input: { id: SESSION, to: '+15550002', text: '' } }, 'BAD_USER_INPUT'],
    [
      'a message id with a space',
      SEND,
      { input: { id: SESSION, to: '+15550002', text: 'x', messageId: 'a b' } },
      'BAD_USER_INPUT',
    ],
  ])('%s', async (_, document, variables, code) => {
    const before = await digestOf(world.firstStore);
    const filled = JSON.parse(JSON.stringify(variables).replace('"ALL"', JSON.stringify(await storeNames())));
    expect(await codeOf(server.api.request(document, filled))).toBe(code);
    expect(await digestOf(world.firstStore)).toBe(before);
  });

  it('sending while the session is stopped, and says which state it is in', async () => {
    const call = server.api.request(SEND, { input: { id: SESSION, to: '+15550002', text: 'x' } });
    await expect(call).rejects.toThrow(/SESSION_NOT_CONNECTED.*STOPPED/);
  });

  it('an unknown session is null to a query', async () => {
    expect(await server.api.request(READ, { id: 'nobody' })).toEqual({ session: null });
  });
});

describe('tokens', () => {
  it('a bad one, none, and one of another secret open nothing', async () => {
    const forged = await mintToken({
      secret: 'another secret that is long enough',
      subject: 'x',
      scopes: ['admin'],
      ttlMs: 1e6,
    });
    for (const authorization of ['Bearer nonsense', '', `Bearer ${forged}`]) {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const body = JSON.stringify({ query: '{ stores { name } }' });
      const response = await fetch(server.api.url, { method: 'POST', headers, body });
      expect(response.status).toBe(401);
      expect(((await response.json()) as { errors: ApiFailure['errors'] }).errors[0]?.extensions.code).toBe(
        'UNAUTHENTICATED',
      );
    }
  });

  it('a session outside the token looks like one that does not exist, and cannot be made', async () => {
    const request = {
      secret: TOKEN_SECRET,
      subject: 'x',
      scopes: ['admin'] as const,
      sessions: ['other-*'],
      ttlMs: 1e6,
    };
    const api = createApiClient(server.api.url, await mintToken(request));
    expect(await api.request(READ, { id: SESSION })).toEqual({ session: null });
    expect(await codeOf(api.request(STOP, { id: SESSION }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(api.request(CREATE, { input: { id: 'mine' } }))).toBe('FORBIDDEN');
    expect((await api.request('{ sessions { totalCount } }')).sessions.totalCount).toBe(0);
  });
});

describe('the environment', () => {
  const run = (env: Record<string, string>) =>
    spawnSync(process.execPath, [MAIN], { env: { PATH: process.env.PATH ?? '', ...env }, encoding: 'utf8' });

  it('names every bad variable at once and no secret', () => {
    const { status, stderr } = run({
      PORT: 'http',
      WRITE_ACK: 'tape',
      SESSION_ENCRYPTION_SECRET: 'hunter2',
      STORES: 'cloud',
    });
    expect(status).toBe(78);
    for (const name of ['PORT', 'WRITE_ACK', 'SESSION_ENCRYPTION_SECRET', 'STORES'])
      expect(stderr).toContain(name);
    expect(stderr).not.toContain('hunter2');
  });

  it('makes nothing up in production', () => {
    const { status, stderr, stdout } = run({
      NODE_ENV: 'production',
      WHATSAPP_AUTH_DIR: join(world.firstStore, 'unused'),
    });
    expect(status).toBe(78);
    expect(stderr).toContain('SESSION_ENCRYPTION_SECRET');
    expect(stderr).toContain('AUTH_JWT_SECRET');
    expect(stdout).toBe('');
  });

  it('does not start beside another server on the same directory, and names that one', () => {
    const { status, stderr } = run({ WHATSAPP_AUTH_DIR: world.firstStore, PORT: '0' });
    expect(status).not.toBe(0);
    expect(stderr).toContain(String(server.process.pid));
  });
});

async function storeNames(): Promise<string[]> {
  const { stores } = await server.api.request('{ stores { name } }');
  return stores.map(({ name }: { name: string }) => name);
}

/** Of every session's files: a refusal must not write a byte. */
async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of (await readdir(directory, { recursive: true, withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.isFile()) hash.update(entry.name).update(await readFile(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}
