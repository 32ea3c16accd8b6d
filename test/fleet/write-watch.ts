import { MongoClient } from 'mongodb';
import type { RowDataPacket } from 'mysql2/promise';
import type { Database } from '../support/database.ts';
import { connectTo } from '../support/database-contents.ts';

/** Sees every change of a session in a database in the order in which they were made there. */
export interface WriteWatch {
  /** Writes under an older ownership than this one, behind the first under this one or a newer one. */
  countOlder(sessionId: string, epoch: number): Promise<number>;
  close(): Promise<void>;
}

/** What a change says of who made it. */
interface Write {
  readonly epoch: number;
  readonly fence: number;
}

/** The stores have to have made their tables already. */
export const watchWrites = (database: Database): Promise<WriteWatch> =>
  database.store === 'mongo' ? watchLog(database) : watchHeads(database);

function countOlderIn(writes: readonly Write[], epoch: number): number {
  const first = writes.findIndex(write => write.fence >= epoch);
  return writes.slice(first).filter(write => write.fence < epoch).length;
}

/** The store keeps a log: those that are folded already are older than what is asked for. */
async function watchLog(database: Database): Promise<WriteWatch> {
  const client = new MongoClient(database.environment().MONGODB_URI ?? '');
  return {
    async countOlder(sessionId, epoch) {
      const range = { $gte: `${sessionId}/`, $lt: `${sessionId}0` };
      const changes = client.db().collection<Write & { _id: string }>('sessiongraph_changes');
      return countOlderIn(await changes.find({ _id: range }).sort({ _id: 1 }).toArray(), epoch);
    },
    close: () => client.close(),
  };
}

/** The store overwrites its heads: a trigger keeps each of them. */
async function watchHeads(database: Database): Promise<WriteWatch> {
  const connection = await connectTo(database);
  await connection.query(
    'CREATE TABLE IF NOT EXISTS seen_heads (n BIGINT AUTO_INCREMENT PRIMARY KEY, sid VARBINARY(255), head BLOB)',
  );
  await connection.query(`CREATE TRIGGER see_heads AFTER UPDATE ON sessiongraph_entries FOR EACH ROW
    INSERT INTO seen_heads (sid, head) SELECT NEW.sid, NEW.value FROM DUAL WHERE NEW.generation = 0`);
  return {
    async countOlder(sessionId, epoch) {
      const asked = 'SELECT head FROM seen_heads WHERE sid = ? ORDER BY n';
      const [rows] = await connection.query<RowDataPacket[]>(asked, [sessionId]);
      // A checksum, a space, and the head.
      const writes = rows.map(
        ({ head }) => JSON.parse(String(head).slice(String(head).indexOf(' '))) as Write,
      );
      return countOlderIn(writes, epoch);
    },
    close: () => connection.end(),
  };
}
