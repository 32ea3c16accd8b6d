import type { StoreChain } from '../chain/store-chain.ts';
import { asStoreError } from '../deadline.ts';
import type { SessionStore } from '../store.ts';

/** Looks through what the stores list. */
export interface SessionDiscovery {
  /** Of all stores; names those that cannot be listed. */
  all(): Promise<string[]>;
  /** Of the store that servers share, what no look came by. What cannot be looked at now is new to the next look as well. */
  unseen(): Promise<void>;
}

export interface DiscoveryDeps {
  readonly chain: StoreChain;
  readonly find: (sessionId: string) => Promise<unknown>;
  /** The same, and never rejects: what is there and cannot be looked into is shown as it is. */
  readonly findOrShow: (sessionId: string) => Promise<unknown>;
  /** It is here, or was just seen to be deleted. */
  readonly isKnown: (sessionId: string) => boolean;
  readonly isOver: () => boolean;
}

export function createSessionDiscovery(deps: DiscoveryDeps): SessionDiscovery {
  const { chain, find, findOrShow, isKnown, isOver } = deps;
  const shared = chain.stores.find(({ name }) => name === chain.leaseStoreName);
  /** Looked at once: whoever is made under one of these ids later, and runs for a while, is heard of by its lease. */
  const seen = new Set<string>();

  async function lookThrough(store: SessionStore, look: (sessionId: string) => Promise<void>): Promise<void> {
    for await (const ids of store.listSessions()) for (const id of ids) if (!isOver()) await look(id);
  }

  async function lookAt(id: string): Promise<void> {
    if (!isKnown(id)) await findOrShow(id);
    seen.add(id);
  }

  async function lookAtUnseen(id: string): Promise<void> {
    if (seen.has(id)) return;
    await find(id).then(
      () => seen.add(id),
      () => {},
    );
  }

  return {
    async all() {
      const unreachable: string[] = [];
      for (const store of chain.stores)
        await lookThrough(store, lookAt).catch(error => {
          unreachable.push(asStoreError(store.name, error).store);
        });
      return unreachable;
    },
    async unseen() {
      if (shared) await lookThrough(shared, lookAtUnseen).catch(() => {});
    },
  };
}
