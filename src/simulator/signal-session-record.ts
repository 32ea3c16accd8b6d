import type { SignalDataTypeMap } from '@whiskeysockets/baileys';
import type { MemoryKeyStore } from './memory-key-store.ts';

type StoredRecord = SignalDataTypeMap['session'];

/** The record of one peer as libsignal serialises it: the open signal session and the archived ones. */
interface SignalSessionRecord {
  readonly version: string;
  readonly _sessions: { readonly [baseKey: string]: { readonly indexInfo: { readonly used?: number } } };
}

/**
 * Runs a decryption against the signal sessions of a record one at a time, the last used first.
 *
 * libsignal tries them in place: a session that does not fit has already taken a ratchet step when its MAC
 * fails, and is stored like that as soon as another one fits. So a message under an archived session breaks the
 * open one. A simulated device must not, or its next message would look like a fault of the client.
 */
export async function decryptWithEachSession<T>(
  store: MemoryKeyStore,
  address: string,
  decrypt: () => Promise<T>,
): Promise<T> {
  const whole = read(store, address);
  const entries = Object.entries(whole?._sessions ?? {});
  if (whole === undefined || entries.length < 2) return decrypt();
  entries.sort(([, a], [, b]) => (b.indexInfo.used ?? 0) - (a.indexInfo.used ?? 0));
  let failure: unknown;
  for (const [baseKey, session] of entries) {
    write(store, address, { ...whole, _sessions: { [baseKey]: session } });
    try {
      const plaintext = await decrypt();
      write(store, address, {
        ...whole,
        _sessions: { ...whole._sessions, ...read(store, address)?._sessions },
      });
      return plaintext;
    } catch (error) {
      failure ??= error;
      write(store, address, whole);
    }
  }
  throw failure;
}

// Baileys types a record as bytes; what libsignal hands over is the object.
const read = (store: MemoryKeyStore, address: string) =>
  store.get('session', [address])[address] as unknown as SignalSessionRecord | undefined;

const write = (store: MemoryKeyStore, address: string, record: SignalSessionRecord) =>
  store.set({ session: { [address]: record as unknown as StoredRecord } });
