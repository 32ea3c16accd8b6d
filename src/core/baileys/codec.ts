import { type AuthenticationCreds, BufferJSON, proto } from '@whiskeysockets/baileys';

/** Values of the session's own entries: plain JSON. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}

/** Baileys' own encoding, so that what we keep can be exported as it would have written it. */
export function encodeBaileys(value: unknown): Uint8Array {
  const replacer = mayHoldBytes(value) ? BufferJSON.replacer : undefined;
  return Buffer.from(JSON.stringify(value, replacer));
}

/**
 * Whether Baileys' replacer, which makes this several times slower, may find something to replace: it is there for
 * bytes, and a signal session, which changes with every message, has its keys as text.
 */
function mayHoldBytes(value: unknown): boolean {
  // A function may be a `toJSON`.
  if (typeof value !== 'object' || value === null) return typeof value === 'function';
  if (Array.isArray(value)) return value.some(mayHoldBytes);
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return !isPlain || ('type' in value && value.type === 'Buffer') || Object.values(value).some(mayHoldBytes);
}

export function decodeCreds(bytes: Uint8Array): AuthenticationCreds {
  return JSON.parse(Buffer.from(bytes).toString(), BufferJSON.reviver);
}

/**
 * App state sync keys must come back as protobuf objects: as plain ones their bytes are lost on the next encoding
 * (https://github.com/EvolutionAPI/evolution-api/pull/2685).
 */
export function decodeSignalKey(type: string, bytes: Uint8Array): unknown {
  const value = JSON.parse(Buffer.from(bytes).toString(), BufferJSON.reviver);
  return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value;
}
