import type { PublicPreKey } from './device.ts';
import type { AnomalyKind } from './records.ts';

/** The one-time keys a linked device has uploaded. Each is handed out once. */
export interface PreKeyShelf {
  readonly available: number;
  /** Keys that arrived by upload; they go onto the shelf. */
  store(keys: readonly PublicPreKey[]): void;
  /** A key that arrived inside a retry receipt: for one peer, so it counts as taken. */
  offer(key: PublicPreKey): void;
  take(): PublicPreKey | undefined;
}

/** `report` hears of ids that come back: a client whose counter of pre-keys was rolled back makes them again. */
export function createPreKeyShelf(report: (kind: AnomalyKind, detail: string) => void): PreKeyShelf {
  const free = new Map<number, PublicPreKey>();
  const known = new Map<number, Buffer>();
  const taken = new Set<number>();

  function check({ keyId, publicKey }: PublicPreKey): void {
    const first = known.get(keyId) ?? Buffer.from(publicKey);
    known.set(keyId, first);
    if (!first.equals(publicKey)) report('pre-key-clash', `pre-key ${keyId} has another public key now`);
    else if (taken.has(keyId)) report('consumed-pre-key-offered', `pre-key ${keyId} was taken before`);
  }

  return {
    get available() {
      return free.size;
    },
    store(keys) {
      for (const key of keys) {
        check(key);
        free.set(key.keyId, key);
      }
    },
    offer(key) {
      check(key);
      taken.add(key.keyId);
      free.delete(key.keyId);
    },
    take() {
      const [key] = free.values();
      if (key === undefined) return undefined;
      free.delete(key.keyId);
      taken.add(key.keyId);
      return key;
    },
  };
}
