import type { SignalDataSet } from '@whiskeysockets/baileys';

/** One line a key; `null` deletes. */
export const changesOf = (data: SignalDataSet) =>
  Object.entries(data).flatMap(([type, values]) =>
    Object.entries(values ?? {}).map(([id, value]) => ({ type, id, value: value ?? null })),
  );
