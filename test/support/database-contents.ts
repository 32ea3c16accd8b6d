import { type Document, MongoClient } from 'mongodb';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Database } from './database.ts';

/** All that is in a database, as a backup has it. Resolves to what puts it back, in the place of what is there then. */
export const saveContents = (database: Database): Promise<() => Promise<void>> =>
  database.store === 'mongo'
    ? saveCollections(database.environment().MONGODB_URI ?? '')
    : saveTables(database);

/** The same of a database that a MongoDB URI names. */
export async function saveCollections(uri: string): Promise<() => Promise<void>> {
  const onDatabase = async <T>(use: (client: MongoClient) => Promise<T>): Promise<T> => {
    const client = new MongoClient(uri);
    return use(client).finally(() => client.close());
  };
  const saved = await onDatabase(async client => {
    const collections = await client.db().collections();
    const contents = collections.map(async collection => [
      collection.collectionName,
      await collection.find().toArray(),
    ]);
    return new Map((await Promise.all(contents)) as [string, Document[]][]);
  });
  return () =>
    onDatabase(async client => {
      for (const collection of await client.db().collections()) {
        await collection.deleteMany({});
        const documents = saved.get(collection.collectionName) ?? [];
        if (documents.length > 0) await collection.insertMany(documents);
      }
    });
}

async function saveTables(database: Database): Promise<() => Promise<void>> {
  type Query = (sql: string, values?: unknown[]) => Promise<RowDataPacket[]>;
  async function onDatabase<T>(use: (query: Query, connection: Connection) => Promise<T>): Promise<T> {
    const connection = await connectTo(database);
    const query: Query = async (sql, values = []) =>
      (await connection.query<RowDataPacket[]>(sql, values))[0];
    return use(query, connection).finally(() => connection.end());
  }
  const saved = await onDatabase(async query => {
    const tables = (await query('SHOW TABLES')).flatMap(row => Object.values(row) as string[]);
    const contents = new Map<string, RowDataPacket[]>();
    for (const table of tables) contents.set(table, await query(`SELECT * FROM \`${table}\``));
    return contents;
  });
  return () =>
    onDatabase(async (query, connection) => {
      // One transaction: nobody sees half of it.
      await connection.beginTransaction();
      for (const [table, rows] of saved) {
        await query(`DELETE FROM \`${table}\``);
        const [first] = rows;
        if (!first) continue;
        const columns = Object.keys(first).map(column => `\`${column}\``);
        await query(`INSERT INTO \`${table}\` (${columns}) VALUES ?`, [rows.map(row => Object.values(row))]);
      }
      await connection.commit();
    });
}

/** Rows and names as the server has them, without a store in between. */
export function connectTo(database: Database): Promise<Connection> {
  const { TIDB_HOST, TIDB_PORT, TIDB_USER, TIDB_PASSWORD, TIDB_DATABASE } = database.environment();
  return createConnection({
    host: TIDB_HOST ?? '',
    port: Number(TIDB_PORT),
    user: TIDB_USER ?? '',
    password: TIDB_PASSWORD ?? '',
    database: TIDB_DATABASE ?? '',
  });
}
