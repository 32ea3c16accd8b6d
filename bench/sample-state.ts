import { randomBytes, randomInt } from 'node:crypto';
import { Curve, type SignalDataSet } from '@whiskeysockets/baileys';

/** What a client uploads when it is linked. */
export const FIRST_PRE_KEYS = 812;

export function samplePreKeys(count: number): SignalDataSet {
  const preKeys = Array.from({ length: count }, (_, place) => [String(place + 1), Curve.generateKeyPair()]);
  return { 'pre-key': Object.fromEntries(preKeys) };
}

/** The keys of a session that has been in use: pre-keys, and per contact a signal session and three small records. */
export function sampleKeys(count: number): SignalDataSet {
  const contacts = Math.ceil(Math.max(0, count - FIRST_PRE_KEYS) / 4);
  const each = <T>(make: (place: number) => [string, T]) =>
    Object.fromEntries(Array.from({ length: contacts }, (_, place) => make(place)));
  return {
    ...samplePreKeys(Math.min(count, FIRST_PRE_KEYS)),
    session: each(place => [signalAddress(place), sampleSignalSession()]),
    'identity-key': each(place => [signalAddress(place), randomBytes(33)]),
    'device-list': each(place => [phoneNumber(place), ['0', String(randomInt(1, 90))]]),
    'lid-mapping': each(place => [phoneNumber(place), String(200_000_000_000 + place)]),
  };
}

export const signalAddress = (place: number): string => `${phoneNumber(place)}.0`;

const phoneNumber = (place: number): string => String(15_550_000_000 + place);

/**
 * A signal session as libsignal serialises it: the ratchet, one sending and one receiving chain, and the keys of a
 * few messages that were skipped. 1.85 KB, the mean of real ones.
 */
export function sampleSignalSession(): Uint8Array {
  const key = (bytes: number) => randomBytes(bytes).toString('base64');
  const chain = (chainType: number, skipped: number) => ({
    chainKey: { counter: randomInt(1, 99), key: key(32) },
    chainType,
    messageKeys: Object.fromEntries(Array.from({ length: skipped }, (_, place) => [String(place), key(32)])),
  });
  const session = {
    registrationId: randomInt(1, 16_380),
    currentRatchet: {
      ephemeralKeyPair: { pubKey: key(33), privKey: key(32) },
      lastRemoteEphemeralKey: key(33),
      previousCounter: randomInt(1, 99),
      rootKey: key(32),
    },
    indexInfo: {
      baseKey: key(33),
      baseKeyType: 2,
      closed: -1,
      used: 1_750_000_000_000,
      created: 1_740_000_000_000,
      remoteIdentityKey: key(33),
    },
    _chains: { [key(33)]: chain(2, 18), [key(33)]: chain(1, 0) },
  };
  // Baileys' type says bytes; what it stores is this object.
  return { _sessions: { [key(33)]: session }, version: 'v1' } as unknown as Uint8Array;
}
