import type { SignalDataSet, SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys';

type Values = Record<string, Record<string, unknown>>;

/** All signal keys of a session in memory, as plain values. */
export function createMemoryKeys(initial: Values = {}): {
  readonly keys: SignalKeyStore;
  readonly all: Values;
} {
  const all = initial;
  const keys: SignalKeyStore = {
    async get(type, ids) {
      const found: { [id: string]: SignalDataTypeMap[typeof type] } = {};
      for (const id of ids) {
        const value = all[type]?.[id];
        if (value !== undefined) found[id] = value as SignalDataTypeMap[typeof type];
      }
      return found;
    },
    async set(data: SignalDataSet) {
      for (const [type, changes] of Object.entries(data)) {
        all[type] ??= {};
        const values = all[type];
        for (const [id, value] of Object.entries(changes ?? {})) {
          if (value === null) delete values[id];
          else values[id] = value;
        }
      }
    },
  };
  return { keys, all };
}
