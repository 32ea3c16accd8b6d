import type { Collection } from 'mongodb';
import type { OldSource } from '../../core/old-source.ts';
import { askOldServer, OLD_SERVER_MS } from '../../import/ask-old-server.ts';
import { listOldIds, readCredentialsOnly } from '../../import/credentials-only.ts';

const COLLECTION = 'whatsapp_sessions';
const NAME = `mongodb ${COLLECTION}`;

export interface MongoSourceOptions {
  /** With the database in it. */
  readonly uri: string;
  /** Of the store on the same server, where there is one. */
  readonly store?: string;
  readonly limitMs?: number;
}

/** A document of the older system, of any of its generations. */
interface OldDocument {
  readonly sessionId?: unknown;
  readonly credentials?: unknown;
  readonly updatedAt?: unknown;
}

/**
 * The collection in which an older system kept one document for each session, with the credentials as a sub-document
 * or as JSON in a string. A database without it has no sessions. A connection for each question, and nothing written.
 */
export function createMongoSource({ uri, store, limitMs = OLD_SERVER_MS }: MongoSourceOptions): OldSource {
  const placeOf = (id: string) => `${NAME}/${id}`;
  const ask = <T>(read: (documents: Collection<OldDocument>) => Promise<T>) =>
    askOldServer(NAME, () => readCollection(uri, limitMs, read), limitMs);

  return {
    name: NAME,
    ...(store !== undefined && { store }),

    async list() {
      const found = await ask(documents =>
        documents.find({}, { projection: { _id: 0, sessionId: 1 } }).toArray(),
      );
      return listOldIds(
        found.map(({ sessionId }) => sessionId),
        placeOf,
      );
    },

    async load(sessionId) {
      // The unique index may be missing; the time of the last save is in `updatedAt`.
      const [newest] = await ask(documents =>
        documents.find({ sessionId }).sort({ updatedAt: -1 }).limit(1).toArray(),
      );
      return readCredentialsOnly(placeOf(sessionId), newest?.credentials);
    },
  };
}

async function readCollection<T>(
  uri: string,
  limitMs: number,
  read: (documents: Collection<OldDocument>) => Promise<T>,
): Promise<T> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(uri, {
    maxPoolSize: 1,
    serverSelectionTimeoutMS: limitMs,
    connectTimeoutMS: limitMs,
    socketTimeoutMS: limitMs,
    promoteBuffers: true,
  });
  try {
    return await read(client.db().collection<OldDocument>(COLLECTION));
  } finally {
    await client.close();
  }
}
