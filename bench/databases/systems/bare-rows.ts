import { BufferJSON, initAuthCreds, type SignalDataSet, type SignalKeyStore } from '@whiskeysockets/baileys';
import { Binary, MongoClient, type MongoServerError } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { DUPLICATE_KEY } from '../../../src/plugins/store-mongo/mongo-errors.ts';
import { isMongo, type OpenedSession, type SessionPlace } from '../database-system.ts';
import { changesOf } from '../signal-changes.ts';

interface Row {
  readonly name: string;
  /** undefined: to be deleted. */
  readonly value: Buffer | undefined;
}

/** What the driver and the server need for the same rows: no encryption, no numbers, nobody who checks anything. */
export async function openBareRows(place: SessionPlace): Promise<OpenedSession> {
  const { write, close } = await (isMongo(place.url) ? openDocuments(place) : openRows(place));
  const creds = initAuthCreds();
  const rowsOf = (data: SignalDataSet) =>
    changesOf(data).map(({ type, id, value }) => ({ name: `${type}-${id}`, value: encoded(value) }));
  const keys: SignalKeyStore = { get: async () => ({}), set: data => write(rowsOf(data)) };
  return {
    state: { creds, keys },
    saveCreds: () => write([{ name: 'creds', value: encoded(creds) }]),
    close,
  };
}

const encoded = (value: unknown) =>
  value === null ? undefined : Buffer.from(JSON.stringify(value, BufferJSON.replacer));

async function openRows({ url, session }: SessionPlace) {
  const connection = await createConnection(url.href);
  await connection.query(`CREATE TABLE IF NOT EXISTS bare_rows (session VARBINARY(64) NOT NULL,
    name VARBINARY(255) NOT NULL, value MEDIUMBLOB NOT NULL, PRIMARY KEY (session, name))`);
  return {
    async write(rows: readonly Row[]) {
      const puts = rows.filter(({ value }) => value);
      const marks = puts.map(() => '(?, ?, ?)').join(', ');
      const values = puts.flatMap(({ name, value }) => [session, name, value]);
      const upsert = `INSERT INTO bare_rows VALUES ${marks} ON DUPLICATE KEY UPDATE value = VALUES(value)`;
      if (puts.length > 0) await connection.query(upsert, values);
      const gone = rows.filter(({ value }) => !value).map(({ name }) => name);
      const remove = 'DELETE FROM bare_rows WHERE session = ? AND name IN (?)';
      if (gone.length > 0) await connection.query(remove, [session, gone]);
    },
    close: () => connection.end(),
  };
}

async function openDocuments({ url, session, onCommand }: SessionPlace) {
  const client = new MongoClient(url.href, {
    monitorCommands: true,
    writeConcern: { w: 'majority', j: true },
  });
  client.on('commandStarted', onCommand);
  const rows = client.db().collection<{ _id: string; value: Binary }>('bare_rows');
  return {
    async write(changes: readonly Row[]) {
      const writes = changes.map(({ name, value }) => {
        const filter = { _id: `${session}/${name}` };
        if (!value) return { deleteOne: { filter } };
        return { replaceOne: { filter, replacement: { value: new Binary(value) }, upsert: true } };
      });
      // Of two first writes of a document at once, one finds nothing to replace and is then too late to add it.
      await rows.bulkWrite(writes).catch((error: MongoServerError) => {
        if (error.code !== DUPLICATE_KEY) throw error;
        return rows.bulkWrite(writes);
      });
    },
    close: () => client.close(),
  };
}
