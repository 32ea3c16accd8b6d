import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAuthenticator } from '../../src/auth.ts';
import { openRawSocket } from '../app/raw-socket.ts';
import { startApp } from '../app/test-app.ts';
import { createSigningKey, startKeyServer } from './key-server.ts';

const MINUTE_MS = 60_000;
const refused = { name: 'AuthenticationError', code: 'TOKEN_REFUSED' };
const unknown = { name: 'AuthenticationError', code: 'KEYS_UNAVAILABLE' };

// Only the clock that keys age by; timers and sockets are real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function start() {
  const old = await createSigningKey('old');
  const server = await startKeyServer([old]);
  const failures: Error[] = [];
  const authenticate = createAuthenticator(
    { jwksUrl: server.url },
    { onKeysFailure: error => void failures.push(error) },
  );
  return { old, server, failures, check: async (token: string) => authenticate(`Bearer ${token}`) };
}

describe('an issuer that changes its keys', () => {
  test('a token of the new key works at once, one of a withdrawn key ten minutes at most', async () => {
    const { old, server, check } = await start();
    await check(await old.sign());
    const young = await createSigningKey('young', 'EdDSA');
    server.keys = [young];
    pass(MINUTE_MS);
    await expect(check(await young.sign())).resolves.toMatchObject({ subject: 'crm' });
    await expect(check(await old.sign())).rejects.toMatchObject(refused);
  });

  test('keys are asked for again after ten minutes, also where no token is new', async () => {
    const { old, server, check } = await start();
    await check(await old.sign());
    server.keys = [];
    pass(9 * MINUTE_MS);
    await expect(check(await old.sign())).resolves.toBeDefined();
    pass(2 * MINUTE_MS);
    await expect(check(await old.sign())).rejects.toMatchObject(refused);
  });

  test('attack: a flood of made-up key ids asks the issuer once in 30 seconds', async () => {
    const { old, server, check } = await start();
    await check(await old.sign());
    for (let number = 0; number < 50; number++) {
      const token = await old.sign({}, { kid: `made-up-${number}` });
      await expect(check(token)).rejects.toMatchObject(refused);
    }
    expect(server.fetches).toBe(1);
    pass(31_000);
    const tokens = await Promise.all([1, 2, 3].map(number => old.sign({}, { kid: `again-${number}` })));
    await Promise.allSettled(tokens.map(check));
    expect(server.fetches).toBe(2);
  });
});

describe('an issuer that is away', () => {
  const outages = {
    'an error': { status: 500 },
    'a page instead of keys': { body: '<html>' },
    'something else': { body: '{"keys": 7}' },
  };
  test.each(Object.entries(outages))(
    'attack: with %s, kept keys do, and then nobody is let in',
    async (_name, outage) => {
      const { old, server, failures, check } = await start();
      await check(await old.sign());
      Object.assign(server, outage);
      pass(9 * MINUTE_MS);
      await expect(check(await old.sign())).resolves.toBeDefined();
      pass(2 * MINUTE_MS);
      await expect(check(await old.sign())).rejects.toMatchObject(unknown);
      expect(failures).toHaveLength(1);
      Object.assign(server, { status: 200, body: undefined });
      pass(6_000);
      await expect(check(await old.sign())).resolves.toBeDefined();
    },
  );

  test('it is left alone for a moment, however many tokens come', async () => {
    const { old, server, failures, check } = await start();
    server.status = 503;
    const token = await old.sign();
    for (let number = 0; number < 20; number++) await expect(check(token)).rejects.toMatchObject(unknown);
    expect([server.fetches, failures.length]).toEqual([1, 1]);
    pass(6_000);
    await expect(check(token)).rejects.toMatchObject(unknown);
    expect(server.fetches).toBe(2);
  });

  test('over HTTP that is a 503, over WebSocket a 1013: try again later', async () => {
    const { old, server } = await start();
    server.status = 500;
    const app = await startApp({ authenticate: createAuthenticator({ jwksUrl: server.url }) });
    const token = await old.sign();
    const reply = await app.post('{ stores { name } }', { token });
    expect(reply.status).toBe(503);
    expect(reply.errors).toMatchObject([{ extensions: { code: 'ISSUER_UNAVAILABLE' } }]);
    expect(reply.headers.get('retry-after')).toBe('5');
    const socket = await openRawSocket(app, {}, { authorization: `Bearer ${token}` });
    expect(await socket.closed).toBe(1013);
    expect(app.sessions.calls).toEqual([]);
  });
});

describe('attack: headers that tell where the key is', () => {
  test.each(['jku', 'x5u', 'jwk'])('%s is not followed', async name => {
    const { server, check } = await start();
    const own = await createSigningKey('old');
    const evil = await startKeyServer([own]);
    const value = name === 'jwk' ? own.jwk : evil.url;
    await expect(check(await own.sign({}, { [name]: value }))).rejects.toMatchObject(refused);
    expect(evil.fetches).toBe(0);
    expect(server.fetches).toBe(1);
  });

  test('crit that nobody knows refuses the token', async () => {
    const { old, check } = await start();
    await expect(check(await old.sign({}, { crit: ['x'], x: true }))).rejects.toMatchObject(refused);
  });
});
