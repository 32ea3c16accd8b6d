import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { DerivedKey, Keyring } from '../sealing/keyring.ts';

const FORMAT = 1;
const KEY_ID_BYTES = 8;
const VOICE_BYTES = 16;
const NUMBER_BYTES = 6;
const NONCE_BYTES = 12;
const TIME_BYTES = 6;
const TAG_BYTES = 16;
const VOICE_AT = 1 + KEY_ID_BYTES;
const NUMBER_AT = VOICE_AT + VOICE_BYTES;
const LENGTH_AT = NUMBER_AT + NUMBER_BYTES;
const SENDER_AT = LENGTH_AT + 2;

/** How far the clocks of two servers may be apart, and how long a message may be on its way. */
const WINDOW_MS = 2 * 60_000;

/**
 * Seals what goes over the bus, for the bus belongs to somebody else: it must not read codes and messages, nor invent,
 * alter, move or repeat them. What it sees is who speaks, when, and how long a message is.
 *
 * A *voice* is one life of one server, under a key of its own, so that a counter can be the nonce. Voices only count
 * up, and messages of one arrive in order: a number that is not above the last one is a repetition.
 */
export interface BusSealer {
  seal(topic: string, bytes: Uint8Array): Uint8Array;
  open(topic: string, blob: Uint8Array): OpenedMessage;
}

export type OpenedMessage =
  | { readonly kind: 'message'; readonly sender: string; readonly bytes: Uint8Array }
  /** What this server sent itself. */
  | { readonly kind: 'own' }
  | { readonly kind: 'refused'; readonly why: RefusalReason };

export type RefusalReason =
  /** Not of this format, or sealed under a secret that this server does not have: of another fleet, or a forgery. */
  | 'unknown'
  | 'altered'
  | 'repeated'
  /** Older than a message may be, or a clock is wrong. */
  | 'late';

export interface BusSealerOptions {
  readonly keyring: Keyring;
  /** Instance id of this server, at most 65,535 bytes. */
  readonly sender: string;
  readonly clock: Clock;
}

interface Voice {
  readonly key: Buffer;
  lastNumber: number;
  lastSentAt: number;
}

export function createBusSealer({ keyring, sender, clock }: BusSealerOptions): BusSealer {
  const keys = keyring.derive('bus');
  const [newest] = keys;
  if (!newest) throw new Error('a sealer of the bus needs a key');
  const ownVoice = randomBytes(VOICE_BYTES);
  const ownKey = voiceKey(newest, ownVoice);
  const heard = new Map<string, Voice>();
  let lastNumber = 0;

  function header(): Buffer {
    lastNumber += 1;
    const number = Buffer.alloc(NUMBER_BYTES);
    number.writeUIntBE(lastNumber, 0, NUMBER_BYTES);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(sender));
    return Buffer.concat([
      Buffer.of(FORMAT),
      (newest as DerivedKey).id,
      ownVoice,
      number,
      length,
      Buffer.from(sender),
    ]);
  }

  /** Of voices that fell silent: whatever they said is too old to be believed again. */
  function forgetOld(now: number): void {
    for (const [name, { lastSentAt }] of heard) if (lastSentAt < now - WINDOW_MS) heard.delete(name);
  }

  return {
    seal(topic, bytes) {
      const head = header();
      const cipher = createCipheriv('aes-256-gcm', ownKey, nonceOf(head));
      cipher.setAAD(associatedData(topic, head));
      const time = Buffer.alloc(TIME_BYTES);
      time.writeUIntBE(clock.now(), 0, TIME_BYTES);
      return Buffer.concat([
        head,
        cipher.update(time),
        cipher.update(bytes),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },

    open(topic, given) {
      const blob = Buffer.from(given.buffer, given.byteOffset, given.length);
      if (blob.length < SENDER_AT || blob[0] !== FORMAT) return refused('unknown');
      const voice = blob.subarray(VOICE_AT, NUMBER_AT);
      if (voice.equals(ownVoice)) return { kind: 'own' };
      const name = voice.toString('hex');
      const known = heard.get(name);
      const secret = keys.find(({ id }) => id.equals(blob.subarray(1, VOICE_AT)));
      const key = known?.key ?? (secret && voiceKey(secret, voice));
      if (!key) return refused('unknown');
      const head = blob.subarray(0, SENDER_AT + blob.readUInt16BE(LENGTH_AT));
      const plain = decrypt(key, topic, head, blob.subarray(head.length));
      if (!plain) return refused('altered');
      const [number, sentAt, now] = [
        head.readUIntBE(NUMBER_AT, NUMBER_BYTES),
        plain.readUIntBE(0, TIME_BYTES),
        clock.now(),
      ];
      if (Math.abs(now - sentAt) > WINDOW_MS) return refused('late');
      if (known && number <= known.lastNumber) return refused('repeated');
      if (!known) forgetOld(now);
      heard.set(name, { key, lastNumber: number, lastSentAt: Math.max(sentAt, known?.lastSentAt ?? 0) });
      return { kind: 'message', sender: head.toString('utf8', SENDER_AT), bytes: plain.subarray(TIME_BYTES) };
    },
  };
}

const refused = (why: RefusalReason): OpenedMessage => ({ kind: 'refused', why });

function voiceKey({ key }: DerivedKey, voice: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, voice, 'sessiongraph/v1/bus-voice', 32));
}

/** Never twice under one key: a voice counts, and its key is its own. */
function nonceOf(head: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(NONCE_BYTES - NUMBER_BYTES), head.subarray(NUMBER_AT, LENGTH_AT)]);
}

/** Binds a message to its topic, sender and number. */
function associatedData(topic: string, head: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`sessiongraph/v1/bus/${topic.length}/${topic}/`), head]);
}

function decrypt(key: Buffer, topic: string, head: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < TIME_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(head), { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(topic, head)).setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
