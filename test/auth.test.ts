import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAuthenticator, mintToken, type TokenRequest } from '../src/auth.ts';

const secret = 'a secret for tests, long enough for HS256';
const key = new TextEncoder().encode(secret);
const authenticate = createAuthenticator({ secret });

const mint = (request: Partial<TokenRequest> = {}) =>
  mintToken({ secret, subject: 'crm', scopes: ['sessions:read'], ttlMs: 60_000, ...request });

const sign = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  new SignJWT({ sub: 'crm', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(key, { crit: { x: true } });

const refused = { name: 'AuthenticationError', code: 'TOKEN_REFUSED', message: 'The token is not valid.' };

test('a viewer is what the token says', async () => {
  const began = Date.now();
  const token = await mint({ scopes: ['sessions:read', 'messages:send'], sessions: ['shop', 'eu-*'] });
  const viewer = await authenticate(`Bearer ${token}`);
  expect(viewer.subject).toBe('crm');
  expect([...viewer.scopes]).toEqual(['sessions:read', 'messages:send']);
  expect(Math.abs(viewer.expiresAt.getTime() - began - 60_000)).toBeLessThan(2_000);
  expect(['shop', 'eu-1', 'eu-', 'shops', 'us-1'].map(viewer.canSee)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('without the claim every session is visible, with an empty one none', async () => {
  expect((await authenticate(`Bearer ${await mint()}`)).canSee('any')).toBe(true);
  expect((await authenticate(`Bearer ${await mint({ sessions: [] })}`)).canSee('any')).toBe(false);
});

test('scopes that nobody knows open nothing', async () => {
  const viewer = await authenticate(`bearer ${await sign({ scope: 'root sessions:read  ADMIN' })}`);
  expect([...viewer.scopes]).toEqual(['sessions:read']);
  expect([...(await authenticate(`Bearer ${await sign({})}`)).scopes]).toEqual([]);
});

test('no token is another thing than a bad one', async () => {
  await expect(authenticate(undefined)).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
  await expect(authenticate('')).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
});

describe('refused, all with the same words', () => {
  const soon = Math.floor(Date.now() / 1000);
  const bad: [name: string, authorization: () => Promise<string> | string][] = [
    ['no scheme', async () => `${await mint()}`],
    ['another scheme', async () => `Basic ${await mint()}`],
    ['two tokens', async () => `Bearer ${await mint()} ${await mint()}`],
    ['no token', () => 'Bearer '],
    ['no JWT', () => 'Bearer x.y.z'],
    ['alg none', () => `Bearer ${new UnsecuredJWT({ sub: 'crm' }).setExpirationTime('1h').encode()}`],
    ['another secret', async () => `Bearer ${await mint({ secret: `${secret}!` })}`],
    ['another algorithm', async () => `Bearer ${await signWith('HS512')}`],
    ['expired', async () => `Bearer ${await mint({ ttlMs: -10_000 })}`],
    ['not valid yet', async () => `Bearer ${await sign({ nbf: soon + 600 })}`],
    ['without expiry', async () => `Bearer ${await sign({ exp: undefined })}`],
    ['without subject', async () => `Bearer ${await sign({ sub: undefined })}`],
    ['an empty subject', async () => `Bearer ${await sign({ sub: '' })}`],
    ['scopes as a list', async () => `Bearer ${await sign({ scope: ['admin'] })}`],
    ['sessions as text', async () => `Bearer ${await sign({ sessions: '*' })}`],
    ['sessions of other things', async () => `Bearer ${await sign({ sessions: [1] })}`],
    ['sessions null', async () => `Bearer ${await sign({ sessions: null })}`],
    ['an unknown critical header', async () => `Bearer ${await sign({}, { crit: ['x'], x: 1 })}`],
  ];
  test.each(bad)('attack: %s', async (_name, authorization) => {
    await expect(authenticate(await authorization())).rejects.toMatchObject(refused);
  });

  test('attack: another issuer or audience', async () => {
    const origin = { issuer: 'https://login.example', audience: 'whatsapp' };
    const strict = createAuthenticator({ secret }, origin);
    await expect(strict(`Bearer ${await mint(origin)}`)).resolves.toBeDefined();
    for (const part of [{}, { ...origin, issuer: 'other' }, { ...origin, audience: 'other' }]) {
      await expect(strict(`Bearer ${await mint(part)}`)).rejects.toMatchObject(refused);
    }
  });

  test('attack: a token that is good for years, where its age is bounded', async () => {
    const strict = createAuthenticator({ secret }, { maxAgeMs: 60_000 });
    const issued = (secondsAgo: number) => sign({ iat: soon - secondsAgo, exp: soon + 100_000_000 });
    const { expiresAt } = await strict(`Bearer ${await issued(20)}`);
    // What it opened ends with its age.
    expect(expiresAt).toEqual(new Date((soon + 40) * 1_000));
    for (const token of [await issued(120), await issued(-120), await sign({ iat: undefined })])
      await expect(strict(`Bearer ${token}`)).rejects.toMatchObject(refused);
  });

  const signWith = (alg: string) =>
    new SignJWT({ sub: 'crm' }).setProtectedHeader({ alg }).setExpirationTime('1h').sign(key);
});

describe('keys that an issuer publishes', () => {
  test.each(['RS256', 'ES256', 'EdDSA'])('%s', async alg => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const published = { ...(await exportJWK(publicKey)), kid: 'one', alg };
    const check = createAuthenticator({ jwksUrl: await publish({ keys: [published] }) });
    const token = (kid: string) =>
      new SignJWT({ sub: 'crm', scope: 'admin' })
        .setProtectedHeader({ alg, kid })
        .setExpirationTime('1h')
        .sign(privateKey);
    expect((await check(`Bearer ${await token('one')}`)).scopes).toEqual(new Set(['admin']));
    await expect(check(`Bearer ${await token('../../etc/passwd')}`)).rejects.toMatchObject(refused);
  });

  test('attack: a public key is no secret to sign with', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' };
    const check = createAuthenticator({ jwksUrl: await publish({ keys: [jwk] }) });
    const forged = await new SignJWT({ sub: 'crm' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JSON.stringify(jwk)));
    await expect(check(`Bearer ${forged}`)).rejects.toMatchObject(refused);
  });

  async function publish(keys: object): Promise<string> {
    const server = createServer((_request, response) => response.end(JSON.stringify(keys)));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  }
});
