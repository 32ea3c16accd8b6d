import type { StoreConfig } from './config/stores.ts';
import type { Clock } from './core/clock.ts';
import type { SessionStore } from './core/store.ts';

type Opener = (config: StoreConfig, clock: Clock) => Promise<SessionStore>;

/** One line a kind. Imported when used: a driver that nobody configured is never loaded. */
const OPENERS: Readonly<Record<StoreConfig['kind'], Opener>> = {
  async file({ name, directory }, clock) {
    const { openFileStore } = await import('./plugins/store-file/index.ts');
    return openFileStore({ name, directory, clock });
  },
};

/** Opens the chain in order; where one cannot be opened the others are closed again. */
export async function openStores(
  configs: readonly StoreConfig[],
  clock: Clock,
): Promise<[SessionStore, ...SessionStore[]]> {
  const opened: SessionStore[] = [];
  try {
    for (const config of configs) opened.push(await OPENERS[config.kind](config, clock));
  } catch (error) {
    await Promise.all(opened.map(store => store.close()));
    throw error;
  }
  const [first, ...others] = opened;
  if (!first) throw new Error('no store is configured');
  return [first, ...others];
}
