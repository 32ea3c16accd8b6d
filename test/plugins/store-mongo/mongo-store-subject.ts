import { randomUUID } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import type { SessionStore } from '../../../src/core/store.ts';
import { numberedId } from '../../../src/plugins/store-mongo/document-ids.ts';
import { type MongoStoreOptions, openMongoStore } from '../../../src/plugins/store-mongo/index.ts';
import type { StoreSubject } from '../../contract/session-store.ts';
import { mongoServiceUrl } from '../../support/mongo-service.ts';

/** A database of its own on the tests' server. */
export const newDatabaseUri = (): string =>
  `${mongoServiceUrl()}/sg_${randomUUID().replaceAll('-', '').slice(0, 16)}`;

/** Behind the back of every store. */
export async function onDatabase<T>(uri: string, task: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri);
  try {
    return await task(client.db());
  } finally {
    await client.close();
  }
}

export const dropDatabase = (uri: string): Promise<unknown> => onDatabase(uri, db => db.dropDatabase());

/** As if that time had passed. */
export const ageLeases = (uri: string, ms: number): Promise<void> =>
  onDatabase(uri, async db => {
    await db.collection('sessiongraph_leases').updateMany({}, { $inc: { endsAt: -ms, listedUntil: -ms } });
  });

export const openMongo = (uri: string, options: Partial<MongoStoreOptions> = {}): Promise<SessionStore> =>
  openMongoStore({ name: 'mongo', uri, ...options });

interface DamagedRow {
  _id: string;
}

/** A mongo store in a database of its own for every test. */
export function mongoStoreSubject(options: Partial<MongoStoreOptions> = {}): StoreSubject {
  const uris = new WeakMap<SessionStore, string>();
  const uriOf = (store: SessionStore) => uris.get(store) ?? '';
  const openIn = async (uri: string) => {
    const store = await openMongo(uri, options);
    uris.set(store, uri);
    return store;
  };
  return {
    issuesLeases: true,
    passTime: (store, ms) => ageLeases(uriOf(store), ms),
    histories: 10,
    open: async () => openIn(newDatabaseUri()),
    reopen: async store => {
      await store.close();
      return openIn(uriOf(store));
    },
    destroy: async store => {
      await store.close();
      await dropDatabase(uriOf(store));
    },
    damage: async (store, sessionId) => {
      await store.close();
      await onDatabase(uriOf(store), async db => {
        const heads = db.collection<DamagedRow>('sessiongraph_heads');
        await heads.updateOne({ _id: numberedId(sessionId, 1) }, { $set: { revision: 'one' } });
      });
      return openIn(uriOf(store));
    },
  };
}
