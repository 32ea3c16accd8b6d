import type { Db, Filter } from 'mongodb';
import type { CollectionName, IdRange } from './document-ids.ts';
import type { Condition, Documents, RawDocument } from './documents.ts';
import type { Connection, ServerLine } from './server-line.ts';

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
    find: (collection, ranges, order) =>
      line.ask('read', async ({ db, layout }) => {
        await layout.beforeRead();
        const found = reading(db, collection, within(ranges));
        return (order ? found.sort({ _id: -1 }) : found).toArray();
      }),
    stream: (collection, range) => streamed(line, ({ db }) => reading(db, collection, within([range]))),
    async *ids(collection, range) {
      const filter = range ? within([range]) : {};
      const found = streamed(line, ({ db }) =>
        reading(db, collection, filter).project<{ _id: string }>({ _id: 1 }),
      );
      for await (const { _id } of found) yield _id;
    },
    remove: (collection, ranges, where) => removing(collection, { ...within(ranges), ...condition(where) }),
    removeIds: (collection, ids) => removing(collection, { _id: { $in: [...ids] } }),
    probe: () => line.ask('reach the server', ({ layout }) => layout.probe()),
    closures: line.closures,
    close: line.close,
  };
}

const collectionOf = (db: Db, name: CollectionName) => db.collection<RawDocument>(name);

const reading = (db: Db, collection: CollectionName, filter: Filter<RawDocument>) =>
  collectionOf(db, collection).find<RawDocument>(filter, { sort: { _id: 1 }, batchSize: 1000 });

interface Cursor<T> {
  next(): Promise<T | null>;
  close(): Promise<void>;
}

async function* streamed<T>(
  line: ServerLine,
  open: (connection: Connection) => Cursor<T>,
): AsyncGenerator<T> {
  const cursor = await line.ask('read', async connection => {
    await connection.layout.beforeRead();
    return open(connection);
  });
  const next = () => line.ask('read', () => cursor.next());
  try {
    for (let found = await next(); found; found = await next()) yield found;
  } finally {
    // A server that is gone has no cursor to close.
    await cursor.close().catch(() => {});
  }
}

const within = (ranges: readonly IdRange[]): Filter<RawDocument> => {
  const filters = ranges.map(({ from, to }) => ({ _id: { $gte: from, $lt: to } }));
  return (filters.length === 1 ? filters[0] : { $or: filters }) as Filter<RawDocument>;
};

const condition = ({ before, ...flags }: Condition = {}): Filter<RawDocument> =>
  before === undefined ? flags : { ...flags, at: { $lt: before } };
