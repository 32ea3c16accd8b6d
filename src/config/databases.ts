import type { Environment } from './environment.ts';
import * as forms from './forms.ts';

export interface MongoConfig {
  /** With credentials: never shown. */
  readonly uri: string;
}

export interface TidbConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: 'on' | 'off';
}

const TIDB_VARIABLES = ['TIDB_PORT', 'TIDB_USER', 'TIDB_PASSWORD', 'TIDB_DATABASE', 'TIDB_TLS'];

/** Undefined where none is configured. */
export function readMongo(env: Environment): MongoConfig | undefined {
  const uri = env.read('MONGODB_URI', forms.mongoUri);
  return uri === undefined ? undefined : { uri };
}

/** Undefined where none is configured. Any server that speaks MySQL 8 will do. */
export function readTidb(env: Environment): TidbConfig | undefined {
  const host = env.read('TIDB_HOST', forms.hostName.optional());
  const port = env.read('TIDB_PORT', forms.wholeNumber({ least: 1, most: 65_535 }, 4000)) ?? 0;
  const user = env.read('TIDB_USER', forms.text('root')) ?? '';
  const password = env.read('TIDB_PASSWORD', forms.text('')) ?? '';
  const database = env.read('TIDB_DATABASE', forms.databaseName.default('sessiongraph')) ?? '';
  const tls = env.read('TIDB_TLS', forms.oneOf(['on', 'off']).optional());
  if (!env.isSet('TIDB_HOST')) {
    const stray = TIDB_VARIABLES.find(env.isSet);
    if (stray) env.refuse('TIDB_HOST', `is needed where ${stray} is set`);
  }
  if (host === undefined) return undefined;
  return { host, port, user, password, database, tls: tls ?? (forms.isLoopback(host) ? 'off' : 'on') };
}
