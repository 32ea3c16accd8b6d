import { type Db, type Filter, MongoBulkWriteError } from 'mongodb';
import { StoreError } from '../../core/errors.ts';
import type { CollectionName, IdRange } from './document-ids.ts';
import type { Condition, Documents, RawDocument } from './documents.ts';
import { DUPLICATE_KEY } from './mongo-errors.ts';
import type { Ask, Connection, ServerLine } from './server-line.ts';

/** The documents at the other end of the line. */
export function createDocuments(line: ServerLine): Documents {
  const removing = (collection: CollectionName, filter: Filter<RawDocument>): Promise<void> =>
    line.ask('remove', async ({ db, layout }) => {
      await layout.beforeWrite();
      await collectionOf(db, collection).deleteMany(filter);
    });
  return {
    insert: (collection, documents) =>
      line.ask('write', async ({ db, layout }) => {
        await layout.beforeWrite();
        await collectionOf(db, collection).insertMany([...documents], { ordered: true });
      }),
    insertFree: (collection, documents) =>
      line.ask('write', async ({ db, layout }) => {
        await layout.beforeWrite();
        const taken = await collectionOf(db, collection)
          .insertMany([...documents], { ordered: false })
          .then(() => [], takenOf);
        return new Set(taken.map(index => documents[index]?._id ?? ''));
      }),
    findAbove: (collection, field, value) =>
      line.ask('read', async ({ db, layout }) => {
        await layout.beforeRead();
        return collectionOf(db, collection)
          .find<RawDocument>({ [field]: { $gt: value } }, { batchSize: 1000 })
          .toArray();
      }),
    index: (collection, field) =>
      line.ask('make an index', async ({ db, layout }) => {
        await layout.beforeWrite();
        await collectionOf(db, collection).createIndex({ [field]: 1 });
      }),
    find: (collection, ranges, order) =>
      line.ask('read', async ({ db, layout }) => {
        await layout.beforeRead();
        const found = reading(db, collection, within(ranges));
        return (order ? found.sort({ _id: -1 }) : found).toArray();
      }),
    findWhere: (collection, ranges, where) =>
      line.ask('read', async ({ db, layout }) => {
        await layout.beforeRead();
        return collectionOf(db, collection)
          .find<RawDocument>({ ...within(ranges), ...condition(where) }, { batchSize: 1000 })
          .toArray();
      }),
    stream: (collection, range) => streamed(line, ({ db }) => reading(db, collection, within([range]))),
    async *ids(collection, range, where) {
      const filter = { ...(range && within([range])), ...condition(where) };
      const found = streamed(line, ({ db }) =>
        reading(db, collection, filter).project<{ _id: string }>({ _id: 1 }),
      );
      for await (const documents of found) yield documents.map(({ _id }) => _id);
    },
    remove: (collection, ranges, where) => removing(collection, { ...within(ranges), ...condition(where) }),
    removeIds: (collection, ids) => removing(collection, { _id: { $in: [...ids] } }),
    probe: () => line.ask('reach the server', ({ layout }) => layout.probe()),
    serverNow: () =>
      line.ask('ask for the time', async ({ db }) => {
        const { localTime } = await db.command({ hello: 1 });
        return (localTime as Date).getTime();
      }),
    closures: line.closures,
    close: line.close,
  };
}

const collectionOf = (db: Db, name: CollectionName) => db.collection<RawDocument>(name);

const reading = (db: Db, collection: CollectionName, filter: Filter<RawDocument>) =>
  collectionOf(db, collection).find<RawDocument>(filter, { sort: { _id: 1 }, batchSize: 1000 });

interface Cursor<T> {
  /** Undefined before it was begun. */
  readonly id?: unknown;
  next(): Promise<T | null>;
  readBufferedDocuments(): T[];
  close(): Promise<void>;
}

async function* streamed<T>(
  line: ServerLine,
  open: (connection: Connection) => Cursor<T>,
): AsyncGenerator<T[]> {
  const { ask, release } = line.hold();
  try {
    const cursor = await ask('read', async connection => {
      await connection.layout.beforeRead();
      return open(connection);
    });
    yield* pagesOf(cursor, ask, line.store);
  } finally {
    release();
  }
}

async function* pagesOf<T>(cursor: Cursor<T>, ask: Ask, store: string): AsyncGenerator<T[]> {
  const next = () => ask('read', () => cursor.next());
  try {
    for (let found = await next(); found; found = await next())
      yield [found, ...cursor.readBufferedDocuments()];
    // Of a cursor whose client was closed before it was begun, the driver (7.9) says that there is nothing.
    if (cursor.id === undefined) throw unread(store);
  } finally {
    // A server that is gone has no cursor to close.
    await cursor.close().catch(() => {});
  }
}

const unread = (store: string) =>
  new StoreError('STORE_UNAVAILABLE', store, 'cannot read: the connection was closed before it began');

const within = (ranges: readonly IdRange[]): Filter<RawDocument> => {
  const filters = ranges.map(({ from, to }) => ({ _id: { $gte: from, $lt: to } }));
  return (filters.length === 1 ? filters[0] : { $or: filters }) as Filter<RawDocument>;
};

const condition = ({ before, isLarge, isWritten, ...flags }: Condition = {}): Filter<RawDocument> => ({
  ...flags,
  ...(isLarge && { chunks: { $exists: true } }),
  ...(before !== undefined && { at: { $lt: before } }),
  ...(isWritten && { exists: { $ne: false } }),
});

/** Positions of the documents whose ids are taken; throws where anything else was wrong as well. */
function takenOf(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return failures.map(({ index }) => index);
}
