import type { Connection } from 'mysql2/promise';
import type { OldTidb } from '../../src/old-sources.ts';

/** The parts of a URL, with a database of one's own. */
export function tidbOf(url: string, database: string): OldTidb {
  const { hostname, port, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database,
    tls: 'off',
  };
}

/** As the older system made its table. */
export async function makeOldTable(connection: Connection): Promise<void> {
  await connection.query(`CREATE TABLE whatsapp_sessions (
    id INT AUTO_INCREMENT PRIMARY KEY,
    session_id VARCHAR(255) NOT NULL UNIQUE,
    session_data LONGBLOB NOT NULL,
    last_synced_at TIMESTAMP NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    INDEX idx_session_id (session_id), INDEX idx_last_synced (last_synced_at), INDEX idx_updated_at (updated_at)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`);
}

export async function writeOldRow(connection: Connection, sessionId: string, sealed: string): Promise<void> {
  await connection.execute(
    'INSERT INTO whatsapp_sessions (session_id, session_data, last_synced_at) VALUES (?, ?, NOW())',
    [sessionId, sealed],
  );
}
