import type { StoreConfig } from './config/stores.ts';
import type { Clock } from './core/clock.ts';
import type { SessionStore } from './core/store.ts';

interface Surroundings {
  readonly clock: Clock;
  /** Of the leases that databases give. */
  readonly leaseLifetimeMs: number;
}

/** Imported when used: a driver that nobody configured is never loaded. */
async function openStore(
  config: StoreConfig,
  { clock, leaseLifetimeMs }: Surroundings,
): Promise<SessionStore> {
  switch (config.kind) {
    case 'file': {
      const { openFileStore } = await import('./plugins/store-file/index.ts');
      return openFileStore({ ...config, clock });
    }
    case 'mongo': {
      const { openMongoStore } = await import('./plugins/store-mongo/index.ts');
      return openMongoStore({ ...config, clock, leaseLifetimeMs });
    }
    case 'tidb': {
      const { openTidbStore } = await import('./plugins/store-tidb/index.ts');
      return openTidbStore({ ...config, clock, leaseLifetimeMs });
    }
  }
}

/** Opens the chain in order; where one cannot be opened the others are closed again. */
export async function openStores(
  configs: readonly StoreConfig[],
  surroundings: Surroundings,
): Promise<[SessionStore, ...SessionStore[]]> {
  const opened: SessionStore[] = [];
  try {
    for (const config of configs) opened.push(await openStore(config, surroundings));
  } catch (error) {
    await Promise.all(opened.map(store => store.close()));
    throw error;
  }
  const [first, ...others] = opened;
  if (!first) throw new Error('no store is configured');
  return [first, ...others];
}
