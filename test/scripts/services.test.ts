import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { probe } from '../../scripts/services/probe.mjs';
import { type DatabaseServer, startDatabase } from '../support/database-server.ts';
import { describeWithOwnServer, describeWithService } from '../support/services.ts';

const EXPECTED = {
  mongodb: /^(MongoDB \d|FerretDB )/,
  tidb: /^TiDB \d/,
  mariadb: /^(MariaDB|MySQL) \d/,
  redis: /^Redis \d/,
} as const;

const names = Object.keys(EXPECTED) as (keyof typeof EXPECTED)[];
/** Redis keeps nothing. */
const databases = names.filter(name => name !== 'redis');

for (const name of names) {
  describeWithService(name, 'the shared server', service => {
    it('answers and says who it is', async () => {
      expect(service.version).toMatch(EXPECTED[name]);
      expect(await probe(service.url)).toMatch(EXPECTED[name]);
    });
  });
}

for (const name of databases) {
  describeWithOwnServer(name, 'a server of its own', () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await startDatabase(name);
    });
    afterAll(() => server.stop());

    it('is gone after kill -9, and back at the same address with its data after a restart', async () => {
      await writeValue(server.url, 'kept');
      await server.kill('SIGKILL');
      await expect(probe(server.url)).rejects.toThrow();
      await server.restart();
      expect(await probe(server.url)).toMatch(EXPECTED[name]);
      expect(await readValue(server.url)).toBe('kept');
    });
  });
}

async function writeValue(url: string, value: string): Promise<void> {
  if (url.startsWith('mongodb')) {
    await withMongo(url, client => client.db().collection('marks').insertOne({ value }));
    return;
  }
  await withMysql(url, async connection => {
    await connection.query('CREATE TABLE marks (value VARCHAR(100))');
    await connection.query('INSERT INTO marks VALUES (?)', [value]);
  });
}

function readValue(url: string): Promise<unknown> {
  if (url.startsWith('mongodb')) {
    return withMongo(url, async client => (await client.db().collection('marks').findOne())?.value);
  }
  return withMysql(url, async connection => {
    const [rows] = await connection.query('SELECT value FROM marks');
    return (rows as { value: string }[])[0]?.value;
  });
}

async function withMongo<T>(url: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

type Connection = Awaited<ReturnType<typeof createConnection>>;

async function withMysql<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection(url);
  try {
    return await use(connection);
  } finally {
    await connection.end();
  }
}
