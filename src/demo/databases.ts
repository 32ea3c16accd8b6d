import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';

const PATIENCE_MS = 2_000;

/** A database of the caller's that answers. The story gets a new one on its server, which is dropped in the end. */
export interface DemoDatabase {
  /** Its word in STORES. */
  readonly store: 'mongo' | 'tidb';
  readonly environment: Readonly<Record<string, string>>;
  drop(): Promise<void>;
}

/** Those that MONGODB_URI and TIDB_HOST lead to; what does not answer is left out. */
export async function findDatabases(
  caller: Readonly<Record<string, string | undefined>>,
): Promise<DemoDatabase[]> {
  const name = `sessiongraph_demo_${randomBytes(4).toString('hex')}`;
  const found = await Promise.all([findMongo(caller, name), findTidb(caller, name)]);
  return found.filter(database => database !== undefined);
}

async function findMongo(
  { MONGODB_URI }: Readonly<Record<string, string | undefined>>,
  name: string,
): Promise<DemoDatabase | undefined> {
  if (!MONGODB_URI) return undefined;
  const uri = withDatabase(MONGODB_URI, name);
  const onDatabase = async (use: (client: MongoClient) => Promise<unknown>) => {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: PATIENCE_MS });
    await use(client).finally(() => client.close());
  };
  try {
    await onDatabase(client => client.db().command({ ping: 1 }));
  } catch {
    return undefined;
  }
  return {
    store: 'mongo',
    environment: { MONGODB_URI: uri },
    drop: () => onDatabase(client => client.db().dropDatabase()),
  };
}

/** Who logs in at the database of the URI, which is the default, goes on logging in there. */
function withDatabase(uri: string, name: string): string {
  const [, hosts = '', old = '', options = ''] = /^([^/]+\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const login = hosts.includes('@') && !options.includes('authSource') ? `authSource=${old || 'admin'}` : '';
  return `${hosts}/${name}?${[options, login].filter(Boolean).join('&')}`;
}

async function findTidb(
  caller: Readonly<Record<string, string | undefined>>,
  name: string,
): Promise<DemoDatabase | undefined> {
  const {
    TIDB_HOST: host,
    TIDB_PORT = '4000',
    TIDB_USER: user = 'root',
    TIDB_PASSWORD: password = '',
  } = caller;
  if (!host) return undefined;
  const tls = caller.TIDB_TLS ?? (/^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host) ? 'off' : 'on');
  const onServer = async (sql: string) => {
    const connection = await createConnection({
      ...{ host, port: Number(TIDB_PORT), user, password, connectTimeout: PATIENCE_MS },
      ...(tls === 'on' && { ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true } }),
    });
    await connection.query(sql).finally(() => connection.end());
  };
  try {
    await onServer('SELECT 1');
  } catch {
    return undefined;
  }
  return {
    store: 'tidb',
    environment: {
      ...{ TIDB_HOST: host, TIDB_PORT, TIDB_USER: user, TIDB_PASSWORD: password },
      ...{ TIDB_DATABASE: name, TIDB_TLS: tls },
    },
    drop: () => onServer(`DROP DATABASE IF EXISTS \`${name}\``),
  };
}
