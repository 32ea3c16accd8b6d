import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { bigEndian, bytesOf, child, stanza } from './stanza.ts';

export const COLLECTIONS = [
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
] as const;
export type Collection = (typeof COLLECTIONS)[number];

const KEY_BYTES = 32;
/** 2 bytes of device, 4 of epoch. */
const KEY_ID_BYTES = 6;
const EXPANDED_KEY_BYTES = 160;
/** The sum over all mutations; of none it is zero. */
const LT_HASH_BYTES = 128;

/** The settings of an account as its devices share them: patches, sealed with a key that the server lacks. */
export interface AppState {
  /** What the phone gives to each device it links. */
  readonly key: { readonly keyId: Buffer; readonly keyData: Buffer };
  /** Adds a patch of the phone that changes nothing. */
  touch(collection: Collection): void;
  /** Takes a client's patch, if it brings one, and tells what is new since the version it knows. */
  exchange(asked: BinaryNode): { readonly answer: BinaryNode; readonly hasChanged: boolean };
}

export function createAppState(): AppState {
  const key = { keyId: randomBytes(KEY_ID_BYTES), keyData: randomBytes(KEY_BYTES) };
  const patches = new Map<string, Buffer[]>();
  const patchesOf = (collection: string) => {
    const known = patches.get(collection) ?? [];
    patches.set(collection, known);
    return known;
  };

  return {
    key,
    touch(collection) {
      const known = patchesOf(collection);
      known.push(emptyPatch(key, collection, known.length + 1));
    },
    exchange(asked) {
      const { name = '', version = '0' } = asked.attrs;
      const known = patchesOf(name);
      const offered = bytesOf(child(asked, 'patch'));
      const isOffer = offered.length > 0;
      // Whoever patches a state that is not the newest has to fetch that one first.
      if (isOffer && Number(version) !== known.length) return { answer: conflict(name), hasChanged: false };
      if (isOffer) known.push(withVersion(offered, known.length + 1));
      const news = isOffer ? [] : known.slice(Number(version));
      return { answer: collectionNode(name, known.length, news), hasChanged: isOffer };
    },
  };
}

/** No patches means "in sync"; a collection that is not mentioned would be asked for again forever. */
function collectionNode(name: string, version: number, news: Buffer[]): BinaryNode {
  if (news.length === 0) return stanza('collection', { name, version });
  const patches = news.map(patch => stanza('patch', {}, patch));
  return stanza('collection', { name, version }, [stanza('patches', {}, patches)]);
}

const conflict = (name: string) =>
  stanza('collection', { name, type: 'error' }, [stanza('error', { code: 409, text: 'conflict' })]);

/** A client leaves the version out of its patch: it is the server that counts. */
function withVersion(patch: Buffer, version: number): Buffer {
  const decoded = proto.SyncdPatch.decode(patch);
  return Buffer.from(proto.SyncdPatch.encode({ ...decoded, version: { version } }).finish());
}

function emptyPatch({ keyId, keyData }: AppState['key'], collection: string, version: number): Buffer {
  const keys = Buffer.from(hkdfSync('sha256', keyData, '', 'WhatsApp Mutation Keys', EXPANDED_KEY_BYTES));
  const suffix = [bigEndian(0, 2), bigEndian(version, 6), Buffer.from(collection)];
  const sign = (at: number, ...parts: Buffer[]) =>
    createHmac('sha256', keys.subarray(at, at + KEY_BYTES))
      .update(Buffer.concat([...parts, ...suffix]))
      .digest();
  const snapshotMac = sign(96, Buffer.alloc(LT_HASH_BYTES));
  const patchMac = sign(128, snapshotMac);
  const patch = { version: { version }, keyId: { id: keyId }, snapshotMac, patchMac, mutations: [] };
  return Buffer.from(proto.SyncdPatch.encode(patch).finish());
}
