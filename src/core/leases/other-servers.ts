import type { StoreChain } from '../chain/store-chain.ts';
import type { Clock } from '../clock.ts';
import { SessionError } from '../errors.ts';

const LOOK_MS = 500;
const GRACE_MS = 5_000;

export interface OtherServersDeps {
  readonly chain: StoreChain;
  /** Instance id of this server. */
  readonly holder: string;
  readonly clock: Clock;
  /** Called once, with their names, where there are any to wait for. */
  readonly onWait: (others: readonly string[]) => void;
}

/**
 * Law 10: a server that may go on without its database must be the only one. Resolves when no other one runs a session;
 * what a predecessor left behind runs out meanwhile. Rejects with SESSION_HELD_ELSEWHERE where another one stays.
 */
export async function waitToBeAlone({ chain, holder, clock, onWait }: OtherServersDeps): Promise<void> {
  if (chain.isFleetSafe || chain.leases.scope === 'host') return;
  const endMs = clock.monotonicMs() + chain.leases.lifetimeMs + GRACE_MS;
  let others = await findOthers(chain, holder);
  if (others.length > 0) onWait(others);
  while (others.length > 0) {
    if (clock.monotonicMs() > endMs) throw notAlone(others, chain.leaseStoreName);
    await clock.sleep(LOOK_MS);
    others = await findOthers(chain, holder);
  }
}

/** A store that cannot be asked knows of nobody: a single server starts without it. */
async function findOthers({ leases }: StoreChain, holder: string): Promise<string[]> {
  const running = await leases.listLeases().catch(() => []);
  return [...new Set(running.map(lease => lease.holder))].filter(name => name !== holder);
}

function notAlone(others: readonly string[], store: string): SessionError {
  return new SessionError(
    'SESSION_HELD_ELSEWHERE',
    `server ${others.join(', ')} runs sessions in store ${store} already. Several servers need ` +
      `START_WITHOUT_STORES=refuse and a WRITE_ACK that awaits ${store}, on each of them; else stop the other one`,
  );
}
