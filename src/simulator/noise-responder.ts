import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { Curve, type KeyPair, proto } from '@whiskeysockets/baileys';
import { NOISE_PROLOGUE } from './frames.ts';

/** Exactly 32 bytes long, so it is the first hash itself and not hashed. */
const NOISE_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const TAG_BYTES = 16;

/** The long-term key of the server and the certificate that vouches for it. */
export interface ServerIdentity {
  readonly staticKey: KeyPair;
  readonly certificate: Uint8Array;
}

export interface NoiseResponder {
  /** Reads the client's hello, returns the server's. Throws on bytes that are not one. */
  answerHello(frame: Uint8Array): Buffer;
  /** Reads the client's finish; from here on `seal` and `open` carry the transport. Throws if a seal is broken. */
  readFinish(frame: Uint8Array): { clientStatic: Buffer; clientPayload: Buffer };
  seal(plaintext: Uint8Array): Buffer;
  open(ciphertext: Uint8Array): Buffer;
}

/** The responder's half of Noise XX as WhatsApp speaks it. */
export function createNoiseResponder(identity: ServerIdentity): NoiseResponder {
  const symmetric = createSymmetricState();
  const ephemeral = Curve.generateKeyPair();
  let transport: { seal: Cipher; open: Cipher } | undefined;

  const requireTransport = () => {
    if (transport === undefined) throw new Error('the Noise handshake is not finished');
    return transport;
  };

  return {
    answerHello(bytes) {
      const clientEphemeral = proto.HandshakeMessage.decode(bytes).clientHello?.ephemeral;
      if (!clientEphemeral) throw new Error('the client hello holds no ephemeral key');
      symmetric.mixHash(clientEphemeral);
      symmetric.mixHash(ephemeral.public);
      symmetric.mixKey(Curve.sharedKey(ephemeral.private, clientEphemeral));
      const sealedStatic = symmetric.seal(identity.staticKey.public);
      symmetric.mixKey(Curve.sharedKey(identity.staticKey.private, clientEphemeral));
      const payload = symmetric.seal(identity.certificate);
      const serverHello = { ephemeral: ephemeral.public, static: sealedStatic, payload };
      return Buffer.from(proto.HandshakeMessage.encode({ serverHello }).finish());
    },
    readFinish(bytes) {
      const finish = proto.HandshakeMessage.decode(bytes).clientFinish;
      if (!finish?.static || !finish.payload) throw new Error('the client finish is incomplete');
      const clientStatic = symmetric.open(finish.static);
      symmetric.mixKey(Curve.sharedKey(ephemeral.private, clientStatic));
      const clientPayload = symmetric.open(finish.payload);
      transport = symmetric.split();
      return { clientStatic, clientPayload };
    },
    seal: plaintext => requireTransport().seal(plaintext),
    open: ciphertext => requireTransport().open(ciphertext),
  };
}

type Cipher = (bytes: Uint8Array) => Buffer;

function createSymmetricState() {
  let hash: Buffer = NOISE_NAME;
  let chainingKey: Buffer = NOISE_NAME;
  let key: Buffer = NOISE_NAME;
  let counter = 0;

  const mixHash = (bytes: Uint8Array) => {
    hash = createHash('sha256').update(hash).update(bytes).digest();
  };
  const derive = (input: Uint8Array): [Buffer, Buffer] => {
    const bytes = Buffer.from(hkdfSync('sha256', input, chainingKey, '', 64));
    return [bytes.subarray(0, 32), bytes.subarray(32)];
  };
  mixHash(NOISE_PROLOGUE);

  return {
    mixHash,
    mixKey(sharedSecret: Uint8Array) {
      [chainingKey, key] = derive(sharedSecret);
      counter = 0;
    },
    seal(plaintext: Uint8Array) {
      const sealed = sealGcm(key, counter++, hash, plaintext);
      mixHash(sealed);
      return sealed;
    },
    open(sealed: Uint8Array) {
      const plaintext = openGcm(key, counter++, hash, sealed);
      mixHash(sealed);
      return plaintext;
    },
    /** The first half is the client's writing key, the second the server's; each counts from zero. */
    split(): { seal: Cipher; open: Cipher } {
      const [clientKey, serverKey] = derive(Buffer.alloc(0));
      const none = Buffer.alloc(0);
      let read = 0;
      let written = 0;
      return {
        open: sealed => openGcm(clientKey, read++, none, sealed),
        seal: plaintext => sealGcm(serverKey, written++, none, plaintext),
      };
    },
  };
}

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

function sealGcm(key: Buffer, counter: number, aad: Buffer, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter)).setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function openGcm(key: Buffer, counter: number, aad: Buffer, sealed: Uint8Array): Buffer {
  const tagStart = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter)).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(tagStart));
  return Buffer.concat([decipher.update(sealed.subarray(0, tagStart)), decipher.final()]);
}
