import type { StoreConfig } from './config/stores.ts';
import type { Clock } from './core/clock.ts';
import type { SessionStore } from './core/store.ts';

/** Imported when used: a driver that nobody configured is never loaded. */
async function openStore(config: StoreConfig, clock: Clock): Promise<SessionStore> {
  switch (config.kind) {
    case 'file': {
      const { openFileStore } = await import('./plugins/store-file/index.ts');
      return openFileStore({ ...config, clock });
    }
    case 'mongo': {
      const { openMongoStore } = await import('./plugins/store-mongo/index.ts');
      return openMongoStore({ ...config, clock });
    }
    case 'tidb': {
      const { openTidbStore } = await import('./plugins/store-tidb/index.ts');
      return openTidbStore({ ...config, clock });
    }
  }
}

/** Opens the chain in order; where one cannot be opened the others are closed again. */
export async function openStores(
  configs: readonly StoreConfig[],
  clock: Clock,
): Promise<[SessionStore, ...SessionStore[]]> {
  const opened: SessionStore[] = [];
  try {
    for (const config of configs) opened.push(await openStore(config, clock));
  } catch (error) {
    await Promise.all(opened.map(store => store.close()));
    throw error;
  }
  const [first, ...others] = opened;
  if (!first) throw new Error('no store is configured');
  return [first, ...others];
}
