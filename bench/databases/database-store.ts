import type { SessionStore } from '../../src/core/store.ts';
import { openMongoStore } from '../../src/plugins/store-mongo/index.ts';
import { openTidbStore } from '../../src/plugins/store-tidb/index.ts';
import { createMemoryStore } from '../../test/contract/memory-store.ts';
import { isMongo, type SessionPlace } from './database-system.ts';

/** The store for a database. A lease is taken once in the life of a session: where the store has none, memory has. */
export async function openDatabaseStore({
  url,
  onCommand,
}: Pick<SessionPlace, 'url' | 'onCommand'>): Promise<SessionStore> {
  const store = await open(url, onCommand);
  const leases = store.leases ?? createMemoryStore().leases;
  return { ...store, ...(leases && { leases }) };
}

function open(url: URL, onCommand: () => void): Promise<SessionStore> {
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
