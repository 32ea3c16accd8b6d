import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from '../support/database-server.ts';

/** A connection to an SQL server of a test's own that stays open, whatever the server then asks of new ones. */
export interface RootLine {
  run(statement: string): Promise<RowDataPacket[]>;
  close(): Promise<void>;
}

export async function openRootLine({ port }: DatabaseServer): Promise<RootLine> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  return {
    run: async statement => (await connection.query<RowDataPacket[]>(statement))[0],
    close: () => connection.end(),
  };
}
