import { Binary, MongoClient } from 'mongodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { openBlobState } from '../../blob-state.ts';
import { isMongo, type OpenedSession, type SessionPlace } from '../database-system.ts';

interface BlobPlace {
  readonly found: Uint8Array | undefined;
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** One row, or one document, with all of the session. */
export async function openWholeBlob(place: SessionPlace): Promise<OpenedSession> {
  const { found, write, close } = await (isMongo(place.url) ? openDocument(place) : openRow(place));
  const { state, save } = await openBlobState(found, write);
  return { state, saveCreds: save, close };
}

async function openRow({ url, session }: SessionPlace): Promise<BlobPlace> {
  const connection = await createConnection(url.href);
  await connection.query(
    'CREATE TABLE IF NOT EXISTS blobs (session VARCHAR(64) PRIMARY KEY, data LONGBLOB NOT NULL)',
  );
  const [rows] = await connection.query<RowDataPacket[]>('SELECT data FROM blobs WHERE session = ?', [
    session,
  ]);
  return {
    found: rows[0]?.data,
    async write(bytes) {
      await connection.execute(
        'INSERT INTO blobs VALUES (?, ?) ON DUPLICATE KEY UPDATE data = VALUES(data)',
        [session, bytes],
      );
    },
    close: () => connection.end(),
  };
}

async function openDocument({ url, session, onCommand }: SessionPlace): Promise<BlobPlace> {
  const client = new MongoClient(url.href, {
    monitorCommands: true,
    writeConcern: { w: 'majority', j: true },
  });
  client.on('commandStarted', onCommand);
  const blobs = client.db().collection<{ _id: string; data: Binary }>('blobs');
  const document = await blobs.findOne({ _id: session });
  return {
    found: document?.data.buffer,
    async write(bytes) {
      await blobs.replaceOne({ _id: session }, { data: new Binary(bytes) }, { upsert: true });
    },
    close: () => client.close(),
  };
}
