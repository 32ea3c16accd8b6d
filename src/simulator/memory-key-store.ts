import type { SignalDataSet, SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys';

/** The key store of a simulated device: it lives as long as the simulator and never fails. */
export interface MemoryKeyStore extends SignalKeyStore {
  get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] };
  set(data: SignalDataSet): void;
  /** Forgets all entries of a type. */
  drop(type: keyof SignalDataTypeMap): void;
}

export function createMemoryKeyStore(): MemoryKeyStore {
  const types = new Map<string, Map<string, unknown>>();
  const entriesOf = (type: string) => {
    const entries = types.get(type) ?? new Map<string, unknown>();
    types.set(type, entries);
    return entries;
  };

  return {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: { [id: string]: SignalDataTypeMap[T] } = {};
      for (const id of ids) {
        const value = entriesOf(type).get(id);
        if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
      }
      return found;
    },
    set(data) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null) entriesOf(type).delete(id);
          else entriesOf(type).set(id, value);
        }
      }
    },
    drop: type => void types.delete(type),
  };
}
