import { useMySQLAuthState } from 'mysql-baileys';
import { createConnection } from 'mysql2/promise';
import { sqlAddress } from '../database-store.ts';
import type { OpenedSession, SessionPlace } from '../database-system.ts';

/** Its own table but for the engine: it asks for MyISAM, where nothing is durable and TiDB has nothing like it. */
const TABLE = `CREATE TABLE IF NOT EXISTS \`auth\` (\`session\` varchar(50) NOT NULL, \`id\` varchar(80) NOT NULL,
  \`value\` LONGTEXT DEFAULT NULL, UNIQUE KEY \`idxunique\` (\`session\`,\`id\`), KEY \`idxsession\` (\`session\`),
  KEY \`idxid\` (\`id\`)) ENGINE=InnoDB`;

/**
 * `mysql-baileys`: a row a key, a statement a row, one after the other, in the clear. Its one connection belongs to
 * the process and is never closed.
 */
export async function openMysqlBaileys({ url, session }: SessionPlace): Promise<OpenedSession> {
  const address = sqlAddress(url);
  const connection = await createConnection(address);
  await connection.query(TABLE);
  await connection.end();
  const { state, saveCreds } = await useMySQLAuthState({ ...address, session });
  return { state: state as unknown as OpenedSession['state'], saveCreds, close: async () => {} };
}
