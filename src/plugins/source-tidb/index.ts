import type { Connection, RowDataPacket } from 'mysql2/promise';
import { SessionError } from '../../core/errors.ts';
import type { OldListing, OldSource } from '../../core/old-source.ts';
import { unreadable } from '../../core/vault/session-import.ts';
import { askOldServer, OLD_SERVER_MS } from '../../import/ask-old-server.ts';
import { listOldIds, readCredentialsOnly } from '../../import/credentials-only.ts';
import { openOldEnvelope } from './old-envelope.ts';

const TABLE = 'whatsapp_sessions';
const NAME = `tidb ${TABLE}`;
const NO_SUCH_TABLE = 'ER_NO_SUCH_TABLE';
const NO_SUCH_COLUMN = 'ER_BAD_FIELD_ERROR';

export interface TidbSourceOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: 'on' | 'off';
  /** Those of SESSION_ENCRYPTION_SECRET: the older system used the same variable. */
  readonly secrets: readonly string[];
  /** Of the store on the same server, where there is one. */
  readonly store?: string;
  readonly limitMs?: number;
}

/**
 * The table in which an older system kept one row for each session, encrypted with its SESSION_ENCRYPTION_SECRET. A
 * database without it has no sessions. A connection for each question, and nothing written.
 */
export function createTidbSource(options: TidbSourceOptions): OldSource {
  const { secrets, store, limitMs = OLD_SERVER_MS } = options;
  const placeOf = (id: string) => `${NAME}/${id}`;
  const select = (sql: string, values: string[] = []) =>
    askOldServer(NAME, () => selectRows(options, limitMs, sql, values), limitMs);

  return {
    name: NAME,
    ...(store !== undefined && { store }),

    async list() {
      // Both columns: a table of that name without them is somebody else's, and holds no session.
      const rows = await select(`SELECT session_id, session_data IS NULL AS has_no_data FROM ${TABLE}`);
      if (rows === 'no such table') return { sessionIds: [], unusable: [] };
      if (rows === 'no such column') return NOT_THEIRS;
      return listOldIds(
        rows.map(row => row.session_id),
        placeOf,
      );
    },

    async load(sessionId) {
      const rows = await select(`SELECT session_id, session_data FROM ${TABLE} WHERE session_id = ?`, [
        sessionId,
      ]);
      // The collation of the table may ignore case and spaces at the end.
      const row = Array.isArray(rows) ? rows.find(({ session_id }) => session_id === sessionId) : undefined;
      if (!row) return undefined;
      const place = placeOf(sessionId);
      const creds = await openRow(place, sessionId, String(row.session_data), secrets);
      return readCredentialsOnly(place, creds);
    },
  };
}

const NOT_THEIRS: OldListing = {
  sessionIds: [],
  unusable: [{ place: NAME, why: 'has not the columns session_id and session_data of the older system' }],
};

async function openRow(place: string, sessionId: string, sealed: string, secrets: readonly string[]) {
  const opened = await openOldEnvelope(sessionId, sealed, secrets);
  if (opened.kind === 'malformed')
    throw unreadable(place, 'is not what the older system wrote, or was cut off');
  if (opened.kind === 'opened') return opened.content.creds ?? {};
  throw new SessionError(
    'DECRYPTION_FAILED',
    `${place} is there, but the older system sealed it under a SESSION_ENCRYPTION_SECRET that is not set here: add ` +
      'that one at the end of SESSION_ENCRYPTION_SECRET, after a comma, and start again; nothing was imported from ' +
      'it or put in its place',
  );
}

async function selectRows(
  { host, port, user, password, database, tls }: TidbSourceOptions,
  limitMs: number,
  sql: string,
  values: string[],
): Promise<RowDataPacket[] | 'no such table' | 'no such column'> {
  const { createConnection } = await import('mysql2/promise');
  const connection: Connection = await createConnection({
    ...{ host, port, user, password, database },
    connectTimeout: limitMs,
    ...(tls === 'on' && { ssl: { minVersion: 'TLSv1.2' } }),
  });
  // What breaks while nobody waits is seen by the next call.
  connection.on('error', () => {});
  // The driver's own limit does not reach the preparing of a statement.
  const limit = setTimeout(() => connection.destroy(), limitMs);
  try {
    const [rows] = await connection.execute<RowDataPacket[]>({ sql, timeout: limitMs }, values);
    return rows;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === NO_SUCH_TABLE) return 'no such table';
    if (code === NO_SUCH_COLUMN) return 'no such column';
    throw error;
  } finally {
    clearTimeout(limit);
    connection.destroy();
  }
}
