import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DerivedKey } from '../../core/sealing/keyring.ts';

const FORMAT = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = 1 + KEY_ID_BYTES;
const SEALED_AT = NONCE_AT + NONCE_BYTES;
const ASSOCIATED = Buffer.from('sessiongraph/v1/webhook-outbox');

/** One event on its way to one endpoint. */
export interface Delivery {
  /** Its place in the order in which deliveries were accepted. */
  readonly number: number;
  /** What the receiver knows it by: the same in every attempt. */
  readonly id: string;
  readonly endpoint: string;
  /** What must arrive in order: a session, or a store. */
  readonly lane: string;
  readonly type: string;
  readonly acceptedAt: number;
  readonly body: string;
}

/** What the file says, one after the other. */
export type OutboxEntry =
  | { readonly kind: 'accepted'; readonly delivery: Delivery }
  /** Delivered, or dropped. */
  | { readonly kind: 'gone'; readonly number: number }
  | { readonly kind: 'dead'; readonly number: number; readonly diedAt: number; readonly why: string };

export interface EntrySealer {
  seal(entry: OutboxEntry): string;
  /** Undefined where it is not what a server with one of these secrets wrote. */
  open(line: string): OutboxEntry | undefined;
}

/** A line is the base64 of: format | key id | nonce | sealed JSON | tag. Newest key first. */
export function createEntrySealer(keys: readonly DerivedKey[]): EntrySealer {
  const [newest] = keys;
  if (!newest) throw new Error('the outbox of webhooks needs a key');
  return {
    seal(entry) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce).setAAD(ASSOCIATED);
      const sealed = [cipher.update(JSON.stringify(entry)), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat([Buffer.of(FORMAT), newest.id, nonce, ...sealed]).toString('base64');
    },

    open(line) {
      const blob = Buffer.from(line, 'base64');
      const key = keys.find(({ id }) => id.equals(blob.subarray(1, NONCE_AT)))?.key;
      if (blob[0] !== FORMAT || !key || blob.length < SEALED_AT + TAG_BYTES) return undefined;
      try {
        const nonce = blob.subarray(NONCE_AT, SEALED_AT);
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(ASSOCIATED).setAuthTag(blob.subarray(-TAG_BYTES));
        const plain = [decipher.update(blob.subarray(SEALED_AT, -TAG_BYTES)), decipher.final()];
        return JSON.parse(Buffer.concat(plain).toString());
      } catch {
        return undefined;
      }
    },
  };
}
