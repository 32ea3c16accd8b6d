import { StoreError } from '../../core/errors.ts';
import type { Snapshot } from './session-stream.ts';
import type { SqlConnection } from './sql-connection.ts';

/** The reads of whole copies that are under way; a reader that does not read loses its snapshot after a while. */
export interface Snapshots {
  /** From the connection's state now; the connection belongs to the snapshot. */
  open(connection: SqlConnection): Promise<Snapshot>;
  /** Ends them all. */
  close(): void;
}

export function createSnapshots(store: string, idleLimitMs: number): Snapshots {
  const opened = new Set<SqlConnection>();

  async function open(connection: SqlConnection): Promise<Snapshot> {
    await connection.write('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    opened.add(connection);
    let state: 'open' | 'released' | 'expired' = 'open';
    const expire = () => {
      state = 'expired';
      opened.delete(connection);
      connection.destroy();
    };
    const timer = setTimeout(expire, idleLimitMs).unref();
    return {
      connection,
      touch() {
        if (state === 'expired')
          throw new StoreError('STORE_UNAVAILABLE', store, `a reader paused for more than ${idleLimitMs} ms`);
        timer.refresh();
      },
      async release() {
        clearTimeout(timer);
        if (state !== 'open') return;
        state = 'released';
        opened.delete(connection);
        await connection.write('ROLLBACK').catch(() => connection.destroy());
        connection.release();
      },
    };
  }
  return {
    open,
    close() {
      for (const connection of opened) connection.destroy();
    },
  };
}
