import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../src/config/environment.ts';
import { readConfig } from '../src/config.ts';

const SECRET = 'a signing secret of thirty-two bytes or more';
const PASSPHRASE = { SESSION_ENCRYPTION_SECRET: 'a passphrase of some length' };
const MONGO = { ...PASSPHRASE, MONGODB_URI: 'mongodb://127.0.0.1/db' };
const TIDB = { ...PASSPHRASE, TIDB_HOST: 'gateway.tidbcloud.example' };
const EXAMPLE = 'your-super-secret-encryption-key-change-this-in-production';

/** The variables that are complained about, in order. */
function badVariables(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ variable }) => variable);
    throw error;
  }
  return [];
}

test('nothing configured: one file store, on this machine only', () => {
  const config = readConfig({});
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 4000,
    authDirectory: 'whatsapp_auth',
    stores: [{ kind: 'file', name: 'file', directory: 'whatsapp_auth' }],
    databases: { mongo: undefined, tidb: undefined },
    redisUrl: undefined,
    startWithoutStores: 'allow',
    awaitedStores: ['file'],
    storeDeadlineMs: 10_000,
    leaseLifetimeMs: 15_000,
    encryptionSecrets: [],
    tokens: { keys: undefined, revokedFile: join('whatsapp_auth', '.sessiongraph', 'revoked-tokens') },
    instanceId: undefined,
    whatsAppUrl: undefined,
    logLevel: 'info',
    logFormat: undefined,
    allowedOrigins: [],
    servesGraphiql: true,
    persistedDocuments: undefined,
    limits: {},
    webhooks: undefined,
    isDevelopment: true,
  });
});

test('everything configured', () => {
  const config = readConfig({
    HOST: '0.0.0.0',
    PORT: '0',
    WHATSAPP_AUTH_DIR: '/data',
    STORES: 'file, file:/mnt/volume',
    START_WITHOUT_STORES: 'refuse',
    WRITE_ACK: 'file:/mnt/volume',
    STORE_DEADLINE_MS: '500',
    LEASE_LIFETIME_MS: '1000',
    SESSION_ENCRYPTION_SECRET: 'the newest passphrase, an older passphrase',
    AUTH_JWKS_URL: 'https://login.example/keys',
    AUTH_ISSUER: 'https://login.example',
    AUTH_AUDIENCE: 'whatsapp',
    AUTH_MAX_TOKEN_AGE_MS: '900000',
    INSTANCE_ID: 'blue',
    REDIS_URL: 'rediss://user:word@redis.example:6380',
    WHATSAPP_WS_URL: 'ws://127.0.0.1:8080/ws',
    LOG_LEVEL: 'debug',
    LOG_FORMAT: 'json',
    ALLOWED_ORIGINS: 'https://crm.example,http://localhost:5173',
    AUTH_REVOKED_TOKENS: '/etc/sessiongraph/revoked',
    GRAPHIQL: 'on',
    PERSISTED_DOCUMENTS: 'crm.json, /srv/documents',
    LIMITS: 'queryDepth=10, socketsPerSubject=200',
    NODE_ENV: 'production',
  });
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 0,
    stores: [
      { name: 'file', directory: '/data' },
      { name: 'file:/mnt/volume', directory: '/mnt/volume' },
    ],
    // The first store is awaited whatever is named: every change goes through it.
    awaitedStores: ['file', 'file:/mnt/volume'],
    storeDeadlineMs: 500,
    leaseLifetimeMs: 1_000,
    redisUrl: 'rediss://user:word@redis.example:6380',
    encryptionSecrets: ['the newest passphrase', 'an older passphrase'],
    tokens: {
      keys: { jwksUrl: 'https://login.example/keys' },
      issuer: 'https://login.example',
      revokedFile: '/etc/sessiongraph/revoked',
      audience: 'whatsapp',
      maxAgeMs: 900_000,
    },
    instanceId: 'blue',
    whatsAppUrl: 'ws://127.0.0.1:8080/ws',
    logFormat: 'json',
    allowedOrigins: ['https://crm.example', 'http://localhost:5173'],
    servesGraphiql: true,
    persistedDocuments: ['crm.json', '/srv/documents'],
    limits: { queryDepth: 10, socketsPerSubject: 200 },
    isDevelopment: false,
  });
});

test('a database that is configured joins the chain behind the files', () => {
  const { stores, databases } = readConfig({ ...MONGO, ...TIDB, TIDB_USER: 'u', TIDB_PASSWORD: 'p' });
  const tidb = {
    host: TIDB.TIDB_HOST,
    port: 4000,
    user: 'u',
    password: 'p',
    database: 'sessiongraph',
    tls: 'on',
  };
  expect(databases).toEqual({ mongo: { uri: MONGO.MONGODB_URI }, tidb });
  expect(stores).toEqual([
    { kind: 'file', name: 'file', directory: 'whatsapp_auth' },
    { kind: 'mongo', name: 'mongo', uri: MONGO.MONGODB_URI },
    { kind: 'tidb', name: 'tidb', ...tidb },
  ]);
});

test.each([
  ['127.0.0.1', {}, 'off'],
  ['db.example', {}, 'on'],
  ['db.example', { TIDB_TLS: 'off' }, 'off'],
  ['127.0.0.1', { TIDB_TLS: 'on' }, 'on'],
])('TLS to %s with %j is %s', (TIDB_HOST, env, tls) => {
  expect(readConfig({ ...TIDB, TIDB_HOST, ...env }).databases.tidb?.tls).toBe(tls);
});

test('it is frozen, all the way down', () => {
  const config = readConfig({});
  expect(Object.isFrozen(config) && Object.isFrozen(config.stores) && Object.isFrozen(config.tokens)).toBe(
    true,
  );
});

test('every bad variable is named at once, and no value is shown', () => {
  const canary = 'canary-hunter2';
  const env = {
    PORT: `99999${canary}`,
    STORES: `file,${canary}`,
    START_WITHOUT_STORES: canary,
    WRITE_ACK: canary,
    STORE_DEADLINE_MS: `-1${canary}`,
    LEASE_LIFETIME_MS: `-1${canary}`,
    SESSION_ENCRYPTION_SECRET: canary,
    AUTH_JWT_SECRET: canary,
    AUTH_JWKS_URL: `http://${canary}.example`,
    WHATSAPP_WS_URL: `ws://${canary}.example`,
    LOG_LEVEL: canary,
    LOG_FORMAT: canary,
    ALLOWED_ORIGINS: `https://a.example/${canary}`,
    GRAPHIQL: canary,
    PERSISTED_DOCUMENTS: `${canary},,`,
    LIMITS: `${canary}=1`,
    MONGODB_URI: `postgres://root:${canary}@db`,
    TIDB_HOST: `${canary}/path`,
    TIDB_PORT: canary,
    TIDB_DATABASE: `${canary}.x`,
    TIDB_TLS: canary,
    REDIS_URL: `http://:${canary}@127.0.0.1`,
  };
  expect(new Set(badVariables(env))).toEqual(new Set(Object.keys(env)));
  expect(() => readConfig(env)).toThrow(ConfigError);
  try {
    readConfig(env);
  } catch (error) {
    expect(String(error)).not.toContain(canary);
    expect(JSON.stringify(error)).not.toContain(canary);
  }
});

describe('each variable', () => {
  const bad: [name: string, env: Record<string, string>][] = [
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '1.5' }],
    ['STORES', { STORES: 'mongo' }],
    ['STORES', { STORES: 'file,tidb', SESSION_ENCRYPTION_SECRET: 'a passphrase of some length' }],
    ['STORES', { STORES: 'file:' }],
    ['STORES', { STORES: 'file,,file:/b', SESSION_ENCRYPTION_SECRET: 'a passphrase of some length' }],
    ['STORES', { STORES: 'file,file', SESSION_ENCRYPTION_SECRET: 'a passphrase of some length' }],
    ['STORES', { STORES: 'file,file:./whatsapp_auth/', SESSION_ENCRYPTION_SECRET: 'a passphrase of length' }],
    ['STORES', { ...MONGO, STORES: 'mongo' }],
    ['STORES', { ...MONGO, STORES: 'file,mongo,mongo' }],
    ['STORES', { ...MONGO, STORES: 'file,mongo,tidb' }],
    ['SESSION_ENCRYPTION_SECRET', { MONGODB_URI: MONGO.MONGODB_URI }],
    ['MONGODB_URI', { ...MONGO, MONGODB_URI: 'mongodb:/127.0.0.1' }],
    ['TIDB_HOST', { TIDB_USER: 'root' }],
    ['TIDB_TLS', { ...TIDB, TIDB_TLS: 'maybe' }],
    ['TIDB_PORT', { ...TIDB, TIDB_PORT: '0' }],
    ['REDIS_URL', { ...PASSPHRASE, REDIS_URL: '127.0.0.1:6379' }],
    ['REDIS_URL', { ...PASSPHRASE, REDIS_URL: 'redis:///0' }],
    ['SESSION_ENCRYPTION_SECRET', { REDIS_URL: 'redis://127.0.0.1' }],
    ['WRITE_ACK', { WRITE_ACK: 'tidb' }],
    ['STORE_DEADLINE_MS', { STORE_DEADLINE_MS: '0' }],
    ['LEASE_LIFETIME_MS', { LEASE_LIFETIME_MS: '999' }],
    ['SESSION_ENCRYPTION_SECRET', { SESSION_ENCRYPTION_SECRET: 'fifteen bytes !' }],
    ['SESSION_ENCRYPTION_SECRET', { SESSION_ENCRYPTION_SECRET: 'a passphrase of some length,short' }],
    ['SESSION_ENCRYPTION_SECRET', { SESSION_ENCRYPTION_SECRET: EXAMPLE }],
    ['SESSION_ENCRYPTION_SECRET', { STORES: 'file,file:/mnt/volume' }],
    ['AUTH_JWT_SECRET', { AUTH_JWT_SECRET: 'x'.repeat(31) }],
    ['AUTH_JWKS_URL', { AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: 'https://login.example/keys' }],
    ['AUTH_JWKS_URL', { AUTH_JWKS_URL: 'http://login.example/keys' }],
    ['WHATSAPP_WS_URL', { WHATSAPP_WS_URL: 'wss://web.whatsapp.com/ws/chat' }],
    ['WHATSAPP_WS_URL', { WHATSAPP_WS_URL: 'ws://127.0.0.1.evil.example' }],
    ['WHATSAPP_WS_URL', { WHATSAPP_WS_URL: 'http://127.0.0.1:1' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['ALLOWED_ORIGINS', { ALLOWED_ORIGINS: '*' }],
    ['GRAPHIQL', { GRAPHIQL: 'yes' }],
    ['LIMITS', { LIMITS: 'queryDepth' }],
    ['LIMITS', { LIMITS: 'queryDepth=0' }],
    ['LIMITS', { LIMITS: 'queryDepth=-1' }],
    ['LIMITS', { LIMITS: 'stopMs=1' }],
    ['LIMITS', { LIMITS: 'constructor=1' }],
  ];
  test.each(bad)('%s is refused in %j', (name, env) => {
    expect(badVariables(env)).toEqual([name]);
  });

  const good: Record<string, string>[] = [
    { HOST: '::1' },
    { HOST: 'localhost' },
    { STORES: 'file:/a' },
    { WRITE_ACK: 'all' },
    { WHATSAPP_WS_URL: 'ws://[::1]:9/ws' },
    { WHATSAPP_WS_URL: 'ws://localhost:9' },
    { AUTH_JWT_SECRET: SECRET },
    { AUTH_JWKS_URL: 'http://127.0.0.1:9/keys' },
    { SESSION_ENCRYPTION_SECRET: '0123456789abcdef' },
    { ...MONGO, MONGODB_URI: 'mongodb://u:p%40ss@a:1,b:2/db?replicaSet=rs' },
    { ...MONGO, MONGODB_URI: 'mongodb+srv://cluster.example' },
    { ...MONGO, ...TIDB, STORES: 'tidb,file:/b,mongo', WRITE_ACK: 'tidb,mongo' },
    { ...MONGO, STORES: 'file' },
  ];
  test.each(good)('%j is fine', env => {
    expect(badVariables(env)).toEqual([]);
  });

  test('one that is set to nothing counts as not set', () => {
    expect(readConfig({ PORT: '', STORES: ' ', AUTH_JWT_SECRET: '' })).toEqual(readConfig({}));
  });
});

describe('nothing is made up', () => {
  const missing = ['SESSION_ENCRYPTION_SECRET', 'AUTH_JWT_SECRET'];
  test.each([{ NODE_ENV: 'production' }, { HOST: '0.0.0.0' }, { HOST: '::' }, { HOST: '192.168.1.2' }])(
    'with %j',
    env => {
      expect(badVariables(env)).toEqual(missing);
      const given = { SESSION_ENCRYPTION_SECRET: 'a passphrase of some length', AUTH_JWT_SECRET: SECRET };
      expect(badVariables({ ...env, ...given })).toEqual([]);
    },
  );
});

describe('webhooks', () => {
  const WEBHOOK = { WEBHOOK_URL: 'https://crm.example/hook?token=1', WEBHOOK_SECRET: 'x'.repeat(24) };

  test('go to one or several endpoints, with all but messages unless they are named', () => {
    const { webhooks } = readConfig({
      ...WEBHOOK,
      WEBHOOK_URL: 'https://a.example/, https://b.example:8443/',
    });
    expect(webhooks?.urls).toEqual(['https://a.example/', 'https://b.example:8443/']);
    expect(webhooks?.allowLoopback).toBe(false);
    expect(webhooks?.events).toContain('session.paired');
    expect(webhooks?.events).not.toContain('message.received');
    const asked = readConfig({ ...WEBHOOK, WEBHOOK_EVENTS: 'message.received' });
    expect(asked.webhooks?.events).toEqual(['message.received']);
  });

  test.each([
    [{ WEBHOOK_URL: 'http://crm.example/' }, 'WEBHOOK_URL'],
    [{ WEBHOOK_URL: 'http://127.0.0.1/' }, 'WEBHOOK_URL'],
    [{ WEBHOOK_URL: 'http://crm.example/', WEBHOOK_ALLOW_LOOPBACK: 'on' }, 'WEBHOOK_URL'],
    [{ WEBHOOK_URL: 'https://user:word@crm.example/' }, 'WEBHOOK_URL'],
    [{ WEBHOOK_URL: 'ftp://crm.example/' }, 'WEBHOOK_URL'],
    [{ WEBHOOK_SECRET: '' }, 'WEBHOOK_SECRET'],
    [{ WEBHOOK_SECRET: 'x'.repeat(23) }, 'WEBHOOK_SECRET'],
    [{ WEBHOOK_SECRET: `whsec_${'a'.repeat(30)}` }, 'WEBHOOK_SECRET'],
    [{ WEBHOOK_EVENTS: 'session.paired,session.unknown' }, 'WEBHOOK_EVENTS'],
  ])('refuse %j', (given, variable) => expect(badVariables({ ...WEBHOOK, ...given })).toEqual([variable]));

  test('by http to this machine only where that is allowed', () => {
    const WEBHOOK_URL = 'http://127.0.0.1:8080/';
    expect(badVariables({ ...WEBHOOK, WEBHOOK_URL, WEBHOOK_ALLOW_LOOPBACK: 'on' })).toEqual([]);
  });
});

describe('traces', () => {
  const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';

  test('go nowhere unless a collector is named', () => expect(readConfig({}).traces).toBeUndefined());

  test.each([
    [{ [BASE]: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
    [{ [BASE]: 'https://collector.example/otlp/' }, 'https://collector.example/otlp/v1/traces'],
    [{ [BASE]: 'http://collector:4318', [TRACES]: 'http://other/in' }, 'http://other/in'],
  ])('of %j go to %s', (given, url) =>
    expect(readConfig(given).traces).toEqual({ url, serviceName: 'sessiongraph' }),
  );

  test.each([
    [{ [BASE]: 'collector:4318' }, BASE],
    [{ [TRACES]: 'grpc://collector:4317' }, TRACES],
  ])('refuse %j', (given, variable) => expect(badVariables(given)).toEqual([variable]));
});
