import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

export interface SigningKey {
  readonly jwk: Record<string, unknown>;
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

/** A key as an issuer has it: the private half signs, the public half is published. */
export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg },
    sign: (claims = {}, header = {}) =>
      new SignJWT({ sub: 'crm', scope: 'sessions:read', ...claims })
        .setProtectedHeader({ alg, kid, ...header })
        .setExpirationTime(Math.floor(Date.now() / 1000) + 3_600)
        .sign(privateKey, { crit: { x: true } }),
  };
}

/** An issuer's server, whose keys and whose answers the test decides. */
export async function startKeyServer(keys: SigningKey[]) {
  const state = { keys, status: 200, body: undefined as string | undefined, fetches: 0 };
  const server = createServer((_request, response) => {
    state.fetches++;
    response.writeHead(state.status, { 'content-type': 'application/json' });
    response.end(state.body ?? JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  return Object.assign(state, { url });
}
