import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { endServer } from '../../scripts/services/end-server.mjs';
import { obtain } from '../../scripts/services/obtain.mjs';
import type { ServiceName } from '../../scripts/services/services.mjs';
import { isMongo } from './database-system.ts';

const ENGINES: readonly ServiceName[] = ['mongodb', 'tidb', 'mariadb'];

/** A server to measure on, with a new database that nobody else uses. */
export interface BenchServer {
  readonly engine: ServiceName;
  /** As in `MariaDB 10.11.19`. */
  readonly version: string;
  readonly url: URL;
  /** Drops the database, and ends the server where it was started for this run. */
  close(): Promise<void>;
}

/** Every server that the tests would use, or those that are named; what is missing is said and left out. */
export async function openBenchServers(only?: string): Promise<BenchServer[]> {
  const servers: BenchServer[] = [];
  for (const engine of ENGINES.filter(name => !only || only.split(',').includes(name))) {
    const obtained = await obtain(engine, { install: 'no', outlivesUs: 'no' });
    if ('missing' in obtained) {
      process.stderr.write(`not measured: ${engine}: ${obtained.missing}\n`);
      continue;
    }
    const url = new URL(obtained.url);
    url.pathname = `/sessiongraph_bench_${randomBytes(4).toString('hex')}`;
    await create(url);
    servers.push({
      engine,
      version: obtained.version,
      url,
      async close() {
        await drop(url);
        if (obtained.started) await endServer(obtained.started);
      },
    });
  }
  return servers;
}

/** MongoDB makes a database when something is written to it. */
async function create(url: URL): Promise<void> {
  if (!isMongo(url)) await onSqlServer(url, `CREATE DATABASE \`${url.pathname.slice(1)}\``);
}

async function drop(url: URL): Promise<void> {
  if (!isMongo(url)) return onSqlServer(url, `DROP DATABASE IF EXISTS \`${url.pathname.slice(1)}\``);
  const client = new MongoClient(url.href);
  await client.db().dropDatabase();
  await client.close();
}

async function onSqlServer(url: URL, sql: string): Promise<void> {
  const connection = await createConnection(new URL('/', url).href);
  await connection.query(sql);
  await connection.end();
}
