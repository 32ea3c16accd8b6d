import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { answerWithin } from './core/deadline.ts';
import type { Bus } from './core/fleet/bus.ts';
import { createFleet, type Fleet, type FleetOptions } from './core/fleet/fleet.ts';
import type { OpenedVault } from './open-vault.ts';

/** Servers that act as one, and the bus between them. */
export interface OpenedFleet extends Fleet {
  readonly bus: Bus;
}

/** Undefined where no REDIS_URL says how servers reach each other. Redis may be away, and come later. */
export async function openFleet(
  { redisUrl }: Pick<Config, 'redisUrl'>,
  { chain, leases, deadline, ...server }: OpenedVault & Pick<FleetOptions, 'events'>,
  logger: Logger,
): Promise<OpenedFleet | undefined> {
  if (redisUrl === undefined) return undefined;
  const { openRedisBus } = await import('./plugins/bus-redis/index.ts');
  const bus = openRedisBus({ url: redisUrl, onError: firstOfEach(logger) });
  bus.onChange(isUp =>
    isUp ? logger.info({ event: 'bus.up' }, 'bus.up') : logger.warn({ event: 'bus.down' }, 'bus.down'),
  );
  const refusals = new Set<string>();
  const fleet = createFleet({
    ...server,
    bus,
    self: leases.holder,
    async findHolder(id) {
      const lease = await answerWithin(chain.leaseStoreName, deadline, () => chain.leases.readLease(id));
      return lease?.holder;
    },
    // Once a reason: whoever shares the Redis could fill the log.
    onRefused(why) {
      if (!refusals.has(why)) logger.warn({ event: 'bus.refused', why }, 'bus.refused');
      refusals.add(why);
    },
    onUnexpected: err => logger.error({ event: 'bus.call.failed', err }, 'bus.call.failed'),
  });
  return { ...fleet, bus };
}

/** Redis is tried for as long as it is away: a line each time it fails in another way. */
function firstOfEach(logger: Logger): (error: Error) => void {
  let last: string | undefined;
  return ({ message }) => {
    if (message !== last) logger.warn({ event: 'bus.error', why: message }, 'bus.error');
    last = message;
  };
}
