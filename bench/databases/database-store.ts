import type { SessionStore } from '../../src/core/store.ts';
import { openMongoStore } from '../../src/plugins/store-mongo/index.ts';
import { openTidbStore } from '../../src/plugins/store-tidb/index.ts';
import { isMongo, type SessionPlace } from './database-system.ts';

/** The store for a database, as the server has it. */
export function openDatabaseStore({
  url,
  onCommand,
}: Pick<SessionPlace, 'url' | 'onCommand'>): Promise<SessionStore> {
  if (isMongo(url))
    return openMongoStore({ name: 'mongo', uri: url.href, driver: { monitorCommands: true }, onCommand });
  return openTidbStore({ name: 'tidb', ...sqlAddress(url), tls: 'off' });
}

export const sqlAddress = (url: URL) => ({
  host: url.hostname,
  port: Number(url.port || 3306),
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
  database: url.pathname.slice(1),
});
