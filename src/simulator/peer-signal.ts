import {
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  generateRegistrationId,
  generateSignalPubKey,
  jidDecode,
  type KeyPair,
  type SignalCreds,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import type { Device, Enc, GroupChat, KeyBundle } from './device.ts';
import { createMemoryKeyStore } from './memory-key-store.ts';
import { createPeerKeys } from './peer-keys.ts';
import { decryptWithEachSession } from './signal-session-record.ts';

/** The Signal half of a simulated device: real keys, real ratchets, by the same library as the client's. */
export interface PeerSignal {
  readonly identity: KeyPair;
  readonly registrationId: number;
  takeBundle(): KeyBundle;
  /** Encrypts for one device; takes the device's keys first where no signal session is open. */
  encrypt(to: Device, plaintext: Buffer): Promise<Enc>;
  decrypt(from: Device, enc: Enc): Promise<Uint8Array>;
  /** Encrypts with the own sender key of a group; `distribution` is what members need to read it. */
  encryptGroup(group: GroupChat, plaintext: Buffer): Promise<{ enc: Enc; distribution: Uint8Array }>;
  distributionFor(group: GroupChat): Promise<Uint8Array>;
  acceptDistribution(from: Device, groupJid: string, distribution: Uint8Array): Promise<void>;
  decryptGroup(from: Device, group: GroupChat, enc: Enc): Promise<Uint8Array>;
  /**
   * Opens a new signal session with a device, from the keys given or from those it offers. The one before is
   * only archived: messages that are on their way under it can still be read.
   */
  renew(device: Device, bundle: KeyBundle | undefined): Promise<void>;
  /** Loses every signal session and every sender key, as a reinstalled phone does. */
  forgetAll(): void;
  close(): void;
}

export function createPeerSignal(ownLid: string): PeerSignal {
  const creds = createPeerCreds();
  const store = createMemoryKeyStore();
  const logger = pino({ level: 'silent' });
  const { keys, call } = createPeerKeys(store);
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, logger, async () => []);
  const addressOf = createPrivateAddresses(ownLid);
  const signedPreKey = createLazySignature(creds);
  let nextPreKeyId = 1;

  const open = (device: Device, bundle: KeyBundle) =>
    call(() => repository.injectE2ESession({ jid: addressOf(device), session: withKeyType(bundle) }));

  return {
    identity: creds.signedIdentityKey,
    registrationId: creds.registrationId,
    takeBundle() {
      const keyId = nextPreKeyId++;
      const pair = Curve.generateKeyPair();
      store.set({ 'pre-key': { [keyId]: pair } });
      return {
        registrationId: creds.registrationId,
        identityKey: creds.signedIdentityKey.public,
        signedPreKey: signedPreKey(),
        preKey: { keyId, publicKey: pair.public },
      };
    },
    async encrypt(to, plaintext) {
      const jid = addressOf(to);
      if (!(await call(() => repository.validateSession(jid))).exists) await open(to, to.takeBundle());
      const { type, ciphertext } = await call(() => repository.encryptMessage({ jid, data: plaintext }));
      return { type, ciphertext: Buffer.from(ciphertext) };
    },
    decrypt(from, { type, ciphertext }) {
      if (type === 'skmsg') throw new Error('a group message has no pairwise signal session');
      const jid = addressOf(from);
      const decrypt = () => call(() => repository.decryptMessage({ jid, type, ciphertext }));
      if (type === 'pkmsg') return decrypt();
      return decryptWithEachSession(store, repository.jidToSignalProtocolAddress(jid), decrypt);
    },
    async encryptGroup(group, plaintext) {
      const request = { group: group.jid, meId: ownLid, data: plaintext };
      const sealed = await call(() => repository.encryptGroupMessage(request));
      return {
        enc: { type: 'skmsg', ciphertext: Buffer.from(sealed.ciphertext) },
        distribution: sealed.senderKeyDistributionMessage,
      };
    },
    distributionFor: group =>
      call(() => repository.getSenderKeyDistributionMessage({ group: group.jid, meId: ownLid })),
    acceptDistribution: (from, groupJid, distribution) =>
      call(() =>
        repository.processSenderKeyDistributionMessage({
          authorJid: from.lid,
          item: { groupId: groupJid, axolotlSenderKeyDistributionMessage: distribution },
        }),
      ),
    decryptGroup: (from, group, { ciphertext }) =>
      call(() => repository.decryptGroupMessage({ group: group.jid, authorJid: from.lid, msg: ciphertext })),
    renew: (device, bundle) => open(device, bundle ?? device.takeBundle()),
    forgetAll() {
      store.drop('session');
      store.drop('sender-key');
    },
    close: () => repository.close?.(),
  };
}

const SIGNED_PRE_KEY_ID = 1;

function createPeerCreds(): SignalCreds {
  return {
    signedIdentityKey: Curve.generateKeyPair(),
    signedPreKey: { keyPair: Curve.generateKeyPair(), signature: Buffer.alloc(0), keyId: SIGNED_PRE_KEY_ID },
    registrationId: generateRegistrationId(),
  };
}

/** Signs the pre-key when it is first asked for; libsignal takes 20 ms, and many devices are never written to. */
function createLazySignature({ signedIdentityKey, signedPreKey }: SignalCreds) {
  const publicKey = signedPreKey.keyPair.public;
  let signature: Uint8Array | undefined;
  return () => {
    signature ??= Curve.sign(signedIdentityKey.private, generateSignalPubKey(publicKey));
    return { keyId: signedPreKey.keyId, publicKey, signature };
  };
}

/**
 * Addresses under which this device keeps its signal sessions. libsignal queues its work by address for the
 * whole process, and work queued by one store would run in the transaction of another; so no address may be
 * shared with a client in the same process or with another simulated device. Nothing on the wire depends on it.
 */
function createPrivateAddresses(ownLid: string): (device: Device) => string {
  const own = jidDecode(ownLid);
  return device => {
    const other = jidDecode(device.lid);
    return `${other?.user}-for-${own?.user}-${own?.device ?? 0}:${device.id}@lid`;
  };
}

/** libsignal wants its public keys with the type byte that the wire leaves out. */
function withKeyType({ registrationId, identityKey, signedPreKey, preKey }: KeyBundle) {
  return {
    registrationId,
    identityKey: generateSignalPubKey(identityKey),
    signedPreKey: { ...signedPreKey, publicKey: generateSignalPubKey(signedPreKey.publicKey) },
    ...(preKey && { preKey: { keyId: preKey.keyId, publicKey: generateSignalPubKey(preKey.publicKey) } }),
  };
}
