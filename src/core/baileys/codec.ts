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
  return Buffer.from(JSON.stringify(value, BufferJSON.replacer));
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
