import KeyvMongo from '@keyv/mongo';
import KeyvMysql from '@keyv/mysql';
import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import { Keyv } from 'keyv';
import { Collection, type MongoServerError } from 'mongodb';
import { isMongo, type OpenedSession, type SessionPlace } from '../database-system.ts';
import { changesOf } from '../signal-changes.ts';

/** A row a key through keyv, as many auth states for Baileys do it: JSON in the clear, and each row for itself. */
export async function openKeyvRows(place: SessionPlace): Promise<OpenedSession> {
  const { session } = place;
  const keyv = new Keyv({ store: await openAdapter(place), throwOnErrors: true, useKeyPrefix: false });
  const keyOf = (type: string, id: string) => `${session}:${type}-${id}`;
  const parse = (text: unknown) => JSON.parse(text as string, BufferJSON.reviver);
  const write = (key: string, value: unknown) => ({ key, value: JSON.stringify(value, BufferJSON.replacer) });

  const keys: SignalKeyStore = {
    async get(type, ids) {
      const found = await keyv.getMany<string>(ids.map(id => keyOf(type, id)));
      const values: { [id: string]: SignalDataTypeMap[typeof type] } = {};
      for (const [place, id] of ids.entries()) if (found[place]) values[id] = parse(found[place]);
      return values;
    },
    async set(data) {
      const changes = changesOf(data).map(({ type, id, value }) => ({ key: keyOf(type, id), value }));
      const gone = changes.filter(({ value }) => value === null).map(({ key }) => key);
      await keyv.setMany(
        changes.filter(({ value }) => value !== null).map(({ key, value }) => write(key, value)),
      );
      if (gone.length > 0) await keyv.deleteMany(gone);
    },
  };
  const found = await keyv.get(keyOf('creds', ''));
  const creds: AuthenticationCreds = found ? parse(found) : initAuthCreds();
  return {
    state: { creds, keys },
    async saveCreds() {
      const { key, value } = write(keyOf('creds', ''), creds);
      await keyv.set(key, value);
    },
    close: () => keyv.disconnect(),
  };
}

/** A collection a session, as such auth states have it: no other session is in the way. */
async function openAdapter({ url, session, onCommand }: SessionPlace) {
  if (!isMongo(url)) return new KeyvMysql(url.href);
  forgiveMissingExpiry();
  const options = { collection: `keyv_${session}`, maxPoolSize: WRITERS, monitorCommands: true };
  const adapter = new KeyvMongo(url.href, options);
  const { mongoClient } = await adapter.connect;
  mongoClient.on('commandStarted', onCommand);
  return adapter;
}

/** keyv sends all rows of a call at once; with more at a time, SQLite behind FerretDB gives up some. */
const WRITERS = 4;

const NOT_IMPLEMENTED = 238;

/** The adapter does not open without an index by which rows expire. FerretDB 1.x has none, and here nothing expires. */
function forgiveMissingExpiry(): void {
  const { createIndex } = Collection.prototype;
  const forgiving = function (this: Collection, ...given: Parameters<typeof createIndex>) {
    return createIndex.apply(this, given).catch((error: MongoServerError) => {
      if (error.code === NOT_IMPLEMENTED && given[1]?.expireAfterSeconds !== undefined) return '';
      throw error;
    });
  };
  Collection.prototype.createIndex = forgiving as typeof createIndex;
}
