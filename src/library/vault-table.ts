import { resolve } from 'node:path';
import type { SessionStore } from '../core/store.ts';
import { type LocalVault, openLocalVault, type VaultOptions } from './local-vault.ts';

/** Several sessions of one process in the same stores: a directory can be opened once. */
export interface VaultTable {
  /** Each `obtain` needs its `release`. */
  obtain(options: VaultOptions): Promise<LocalVault>;
  /** The last one closes it. */
  release(options: VaultOptions): Promise<void>;
  /** The same text for the same stores. */
  keyOf(stores: VaultOptions['stores']): string;
}

export function createVaultTable(): VaultTable {
  const open = new Map<string, { readonly opening: Promise<LocalVault>; users: number }>();
  const numbers = new WeakMap<SessionStore, number>();
  let count = 0;

  function nameOf(store: string | SessionStore): string {
    if (typeof store === 'string') return resolve(store);
    const number = numbers.get(store) ?? ++count;
    numbers.set(store, number);
    return `#${number}`;
  }

  const keyOf = (stores: VaultOptions['stores']) => stores.map(nameOf).join('\n');

  return {
    keyOf,
    async obtain(options) {
      const key = keyOf(options.stores);
      const shared = open.get(key) ?? { opening: openLocalVault(options), users: 0 };
      open.set(key, shared);
      shared.users += 1;
      try {
        return await shared.opening;
      } catch (error) {
        open.delete(key);
        throw error;
      }
    },
    async release({ stores }) {
      const key = keyOf(stores);
      const shared = open.get(key);
      if (!shared) return;
      shared.users -= 1;
      if (shared.users > 0) return;
      open.delete(key);
      await (await shared.opening).close();
    },
  };
}
