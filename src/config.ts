import { join } from 'node:path';
import { type MongoConfig, readMongo, readTidb, type TidbConfig } from './config/databases.ts';
import {
  ConfigError,
  createEnvironment,
  type Environment,
  type RawEnvironment,
} from './config/environment.ts';
import * as forms from './config/forms.ts';
import { type AdjustableLimit, limitList } from './config/limits.ts';
import { metricsSecret, sealingSecrets, signingSecret } from './config/secrets.ts';
import { readAwaitedStores, readStores, type StoreConfig } from './config/stores.ts';
import { readTraces, type TraceConfig } from './config/traces.ts';
import { readWebhooks, type WebhookConfig } from './config/webhooks.ts';

/** Beside what the file store keeps, unless AUTH_REVOKED_TOKENS names another place. */
const REVOKED_TOKENS = '.sessiongraph/revoked-tokens';
/** Up to what nine digits hold: eleven days. */
const TOKEN_AGE_MS = { least: 1_000, most: 999_999_999 };
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What the environment says, checked. Frozen: nobody changes it while the server runs. */
export interface Config {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  readonly authDirectory: string;
  /** The chain, in order; at least one. */
  readonly stores: readonly StoreConfig[];
  /** Databases that are configured: also where STORES leaves them out, sessions of older programs are looked for. */
  readonly databases: { readonly mongo: MongoConfig | undefined; readonly tidb: TidbConfig | undefined };
  /** What carries events and commands between servers; undefined: nothing does. With credentials: never shown. */
  readonly redisUrl: string | undefined;
  readonly startWithoutStores: 'allow' | 'refuse';
  /** What a write waits for. */
  readonly awaitedStores: readonly string[];
  readonly storeDeadlineMs: number;
  /** How long a lease lasts that a database gave and nobody renews. */
  readonly leaseLifetimeMs: number;
  /** Newest first. Empty: the one made in the data directory is the only one. */
  readonly encryptionSecrets: readonly string[];
  readonly tokens: TokenConfig;
  /** Undefined: the one made in the data directory. */
  readonly instanceId: string | undefined;
  readonly whatsAppUrl: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Undefined: pretty on a terminal. */
  readonly logFormat: 'json' | 'pretty' | undefined;
  /** Origins of web pages that may call, beside the server's own. */
  readonly allowedOrigins: readonly string[];
  /** GraphiQL and introspection, for everybody with a token; where false, introspection is for admins. */
  readonly servesGraphiql: boolean;
  /** Opens /metrics from elsewhere; undefined: only this machine may read it. */
  readonly metricsToken: string | undefined;
  /** Files or folders of the only documents that run; undefined where any may. */
  readonly persistedDocuments: readonly string[] | undefined;
  /** Bounds that differ from the usual ones. */
  readonly limits: Readonly<Partial<Record<AdjustableLimit, number>>>;
  /** Who is called when something happens to a session or a store; undefined: nobody. */
  readonly webhooks: WebhookConfig | undefined;
  /** Where traces go; undefined: there are none. */
  readonly traces: TraceConfig | undefined;
  /** Only this machine can reach the server, and nobody called it production: secrets may be made up. */
  readonly isDevelopment: boolean;
}

export interface TokenConfig {
  /** Undefined, only in development: the secret made in the data directory. */
  readonly keys: { readonly secret: string } | { readonly jwksUrl: string } | undefined;
  readonly issuer?: string;
  readonly audience?: string;
  /** How long after it was issued a token is good at most. */
  readonly maxAgeMs?: number;
  /** The file that lists the tokens that were taken back. */
  readonly revokedFile: string;
}

/** Throws a ConfigError that names every bad variable. */
export function readConfig(raw: RawEnvironment): Config {
  const env = createEnvironment(raw);
  const host = env.read('HOST', forms.text('127.0.0.1')) ?? '';
  const isProduction = raw.NODE_ENV === 'production';
  const isDevelopment = !isProduction && forms.isLoopback(host);
  const authDirectory = env.read('WHATSAPP_AUTH_DIR', forms.text('whatsapp_auth')) ?? '';
  const mongo = readMongo(env);
  const tidb = readTidb(env);
  const stores = readStores(env, { authDirectory, mongo, tidb });
  const config = {
    host,
    port: env.read('PORT', forms.wholeNumber({ least: 0, most: 65_535 }, 4000)),
    authDirectory,
    stores,
    databases: { mongo, tidb },
    redisUrl: env.read('REDIS_URL', forms.redisUrl),
    startWithoutStores: env.read('START_WITHOUT_STORES', forms.oneOf(['allow', 'refuse']).default('allow')),
    awaitedStores: readAwaitedStores(env, stores),
    storeDeadlineMs: env.read('STORE_DEADLINE_MS', forms.wholeNumber({ least: 1, most: 600_000 }, 10_000)),
    leaseLifetimeMs: env.read(
      'LEASE_LIFETIME_MS',
      forms.wholeNumber({ least: 1_000, most: 600_000 }, 15_000),
    ),
    encryptionSecrets: readEncryptionSecrets(env, { isDevelopment, storeCount: stores.length }),
    tokens: readTokens(env, { isDevelopment, authDirectory }),
    instanceId: env.read('INSTANCE_ID', forms.optionalText),
    whatsAppUrl: env.read('WHATSAPP_WS_URL', forms.loopbackWebSocketUrl),
    logLevel: env.read('LOG_LEVEL', forms.oneOf(LOG_LEVELS).default('info')),
    logFormat: env.read('LOG_FORMAT', forms.oneOf(['json', 'pretty']).optional()),
    allowedOrigins: env.read('ALLOWED_ORIGINS', forms.originList),
    servesGraphiql: env.read('GRAPHIQL', forms.onOrOff) ?? !isProduction,
    persistedDocuments: env.read('PERSISTED_DOCUMENTS', forms.wordList.optional()),
    limits: env.read('LIMITS', limitList),
    metricsToken: env.read('METRICS_TOKEN', metricsSecret),
    webhooks: readWebhooks(env),
    traces: readTraces(env),
    isDevelopment,
  };
  if (env.problems.length > 0) throw new ConfigError(env.problems);
  // Without problems every variable was read, so none of the values is missing.
  return deepFreeze(config as Config);
}

interface Situation {
  readonly isDevelopment: boolean;
  readonly storeCount: number;
  readonly authDirectory: string;
}

type StoreSituation = Pick<Situation, 'isDevelopment' | 'storeCount'>;

function readEncryptionSecrets(env: Environment, { isDevelopment, storeCount }: StoreSituation) {
  const variable = 'SESSION_ENCRYPTION_SECRET';
  if (!env.isSet(variable) && storeCount > 1) {
    env.refuse(variable, 'is needed as soon as there is a second store');
  } else if (!env.isSet(variable) && env.isSet('REDIS_URL')) {
    env.refuse(variable, 'is needed with REDIS_URL: servers seal what they tell each other');
  } else if (!env.isSet(variable) && !isDevelopment) {
    env.refuse(variable, 'is needed in production, and wherever HOST is not a loopback address');
  }
  return env.read(variable, sealingSecrets);
}

type TokenSituation = Pick<Situation, 'isDevelopment' | 'authDirectory'>;

function readTokens(env: Environment, { isDevelopment, authDirectory }: TokenSituation): TokenConfig {
  const secret = env.read('AUTH_JWT_SECRET', signingSecret);
  const jwksUrl = env.read('AUTH_JWKS_URL', forms.keySetUrl);
  const issuer = env.read('AUTH_ISSUER', forms.optionalText);
  const audience = env.read('AUTH_AUDIENCE', forms.optionalText);
  const maxAgeMs = env.read('AUTH_MAX_TOKEN_AGE_MS', forms.optionalWholeNumber(TOKEN_AGE_MS));
  const [hasSecret, hasKeySet] = [env.isSet('AUTH_JWT_SECRET'), env.isSet('AUTH_JWKS_URL')];
  if (hasSecret && hasKeySet) env.refuse('AUTH_JWKS_URL', 'and AUTH_JWT_SECRET exclude each other');
  if (!hasSecret && !hasKeySet && !isDevelopment) {
    const where = 'in production, and wherever HOST is not a loopback address';
    env.refuse('AUTH_JWT_SECRET', `or AUTH_JWKS_URL is needed ${where}`);
  }
  return {
    keys: secret !== undefined ? { secret } : jwksUrl !== undefined ? { jwksUrl } : undefined,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    revokedFile: env.read('AUTH_REVOKED_TOKENS', forms.optionalText) ?? join(authDirectory, REVOKED_TOKENS),
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
