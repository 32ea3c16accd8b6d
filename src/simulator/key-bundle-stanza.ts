import type { BinaryNode } from '@whiskeysockets/baileys';
import type { KeyBundle, PublicPreKey } from './device.ts';
import { bigEndian, bytesOf, child, childrenOf, readBigEndian, stanza } from './stanza.ts';

const CURVE25519_TYPE = Buffer.from([5]);
const KEY_ID_BYTES = 3;

/** A bundle as the answer to "which keys has this device?" */
export function bundleNodes({ registrationId, identityKey, signedPreKey, preKey }: KeyBundle): BinaryNode[] {
  return [
    stanza('registration', {}, bigEndian(registrationId, 4)),
    stanza('type', {}, CURVE25519_TYPE),
    stanza('identity', {}, identityKey),
    stanza('skey', {}, [...preKeyNodes(signedPreKey), stanza('signature', {}, signedPreKey.signature)]),
    ...(preKey ? [stanza('key', {}, preKeyNodes(preKey))] : []),
  ];
}

/** Reads an upload of keys (`<list>` of them) or the keys inside a retry receipt (one `<key>`). */
export function readUpload(node: BinaryNode) {
  const list = child(node, 'list');
  return {
    registrationId: readBigEndian(bytesOf(child(node, 'registration'))),
    identityKey: bytesOf(child(node, 'identity')),
    signedPreKey: readSignedPreKey(child(node, 'skey')),
    preKeys: childrenOf(list ?? node, 'key').map(readPreKey),
  };
}

export function readSignedPreKey(node: BinaryNode | undefined): KeyBundle['signedPreKey'] {
  return { ...readPreKey(node), signature: bytesOf(child(node, 'signature')) };
}

const preKeyNodes = ({ keyId, publicKey }: PublicPreKey) => [
  stanza('id', {}, bigEndian(keyId, KEY_ID_BYTES)),
  stanza('value', {}, publicKey),
];

const readPreKey = (node: BinaryNode | undefined): PublicPreKey => ({
  keyId: readBigEndian(bytesOf(child(node, 'id'))),
  publicKey: bytesOf(child(node, 'value')),
});
