import type { SignalDataSet } from '@whiskeysockets/baileys';

/** What a transaction holds: by type and id; null deletes. */
export type HeldKeys = Record<string, Record<string, unknown>>;

/** Adds what was written; of one id the newest value counts. */
export function mergeKeys(target: HeldKeys, data: SignalDataSet): void {
  for (const [type, values] of Object.entries(data)) target[type] = { ...target[type], ...values };
}
