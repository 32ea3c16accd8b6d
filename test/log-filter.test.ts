import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutSecrets } from '../src/log-filter.ts';
import { createLogger } from '../src/logger.ts';

const CANARY = 'canary-0f5c';

const SECRET_KEYS = [
  'creds',
  'noiseKey',
  'signedIdentityKey',
  'advSecretKey',
  'pre-key',
  'private',
  'qr',
  'pairing_code',
  'authorization',
  'Authorization',
  'AUTH_JWT_SECRET',
  'SESSION_ENCRYPTION_SECRET',
  'TIDB_PASSWORD',
  'MONGODB_URI',
  'accessToken',
  'phoneNumber',
  'text',
];

it('hides what lies under a secret name, at any depth and in lists', () => {
  const secretKey = fc.constantFrom(...SECRET_KEYS);
  const path = fc.array(fc.constantFrom('a', 'session', 'deep', 'list'), { maxLength: 6 });
  fc.assert(
    fc.property(secretKey, path, fc.boolean(), (key, keys, inList) => {
      const inner: object = { [key]: { of: [CANARY], also: CANARY } };
      const nested = keys.reduceRight<object>((value, name) => ({ [name]: inList ? [value] : value }), inner);
      expect(JSON.stringify(withoutSecrets(nested))).not.toContain(CANARY);
    }),
  );
});

it('keeps what events are made of', () => {
  const at = new Date(0);
  const counts = { creds: 1, 'pre-key': 812 };
  const fields = {
    event: 'session.status',
    sessionId: 'shop',
    revision: 7,
    reason: { code: 'LOST' },
    at,
    counts,
  };
  expect(withoutSecrets(fields)).toEqual(fields);
});

it('says of an error what the error says of itself, to its last cause', () => {
  const last = Object.assign(new Error('connect mongodb://bot:hunter2@db.example/x failed'), {
    code: 'ECONNREFUSED',
    response: { body: CANARY },
  });
  const { err } = withoutSecrets({ err: new Error(`asked with Bearer ${CANARY}`, { cause: last }) });
  expect(err).toMatchObject({
    message: 'asked with Bearer ***',
    cause: { code: 'ECONNREFUSED', message: 'connect mongodb://***@db.example/x failed' },
  });
  expect(JSON.stringify(err)).not.toMatch(/hunter2|canary/);
});

it('ends in circles, and turns bytes into their number', () => {
  const circle: Record<string, unknown> = { key: Buffer.from(CANARY) };
  circle.self = circle;
  expect(withoutSecrets(circle)).toEqual({ key: '[11 bytes]', self: '[more]' });
});

it('stands before all that the logger writes', () => {
  const written: string[] = [];
  const logger = createLogger(
    { logLevel: 'trace', logFormat: 'json' },
    { write: line => void written.push(line) },
  );
  logger.info({ deep: { a: { creds: CANARY } } }, 'a line');
  logger.error(Object.assign(new Error('failed'), { detail: CANARY }));
  expect(written).toHaveLength(2);
  expect(written.join('')).not.toContain(CANARY);
  expect(JSON.parse(written[1] ?? '')).toMatchObject({ err: { message: 'failed' }, msg: 'failed' });
});
