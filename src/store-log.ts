import type { Logger } from 'pino';
import type { ObserveCall } from './core/chain/observed-store.ts';
import type { Clock } from './core/clock.ts';
import type { StoreTurn } from './store-turns.ts';

const PAUSE_MS = 60_000;

/**
 * Names that stay: `store.down` with the first call that a store does not answer, `store.up` with the next that it
 * does; `store.failing`, once a minute at most, where it answers that it can't read or write (a full disk).
 */
export function createStoreLog(
  logger: Pick<Logger, 'info' | 'warn'>,
  clock: Clock,
  onTurn: (turn: StoreTurn) => void = () => {},
): ObserveCall {
  const down = new Set<string>();
  const quietUntil = new Map<string, number>();

  return ({ store, error }) => {
    if (!error && down.delete(store)) {
      logger.info({ event: 'store.up', store }, 'store.up');
      onTurn({ store, isUp: true });
    }
    if (error?.code === 'STORE_UNAVAILABLE' && !down.has(store)) {
      down.add(store);
      logger.warn({ event: 'store.down', store, why: error.message }, 'store.down');
      onTurn({ store, isUp: false, why: error.code });
    }
    if (error?.code !== 'STORE_UNREADABLE' || clock.monotonicMs() < (quietUntil.get(store) ?? 0)) return;
    quietUntil.set(store, clock.monotonicMs() + PAUSE_MS);
    logger.warn({ event: 'store.failing', store, why: error.message }, 'store.failing');
  };
}
