import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
} from '@whiskeysockets/baileys';

/** Everything a client knows, as JSON: what a backup of it would hold. */
export type AuthSnapshot = { readonly creds: string; readonly keys: ReadonlyMap<string, string> };

/** A protobuf message goes into JSON with its bytes as base64 strings, which nothing but itself reads back. */
const decodeKey = (type: string, text: string) =>
  type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(decode(text)) : decode(text);

/** An auth state in memory that can be copied and set back, as no real one should be. */
export interface MemoryAuth {
  readonly state: AuthenticationState;
  snapshot(): AuthSnapshot;
}

const encode = (value: unknown) => JSON.stringify(value, BufferJSON.replacer);
const decode = (text: string) => JSON.parse(text, BufferJSON.reviver);

export function createMemoryAuth(from?: AuthSnapshot): MemoryAuth {
  const creds: AuthenticationCreds = from ? decode(from.creds) : initAuthCreds();
  const entries = new Map(from?.keys);
  const set = async (data: SignalDataSet) => {
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values)) {
        if (value === null) entries.delete(`${type} ${id}`);
        else entries.set(`${type} ${id}`, encode(value));
      }
    }
  };
  return {
    state: {
      creds,
      keys: {
        set,
        async get(type, ids) {
          const found = ids.map(id => [id, entries.get(`${type} ${id}`)] as const);
          return Object.fromEntries(
            found.flatMap(([id, text]) => (text ? [[id, decodeKey(type, text)]] : [])),
          );
        },
      },
    },
    snapshot: () => ({ creds: encode(creds), keys: new Map(entries) }),
  };
}
