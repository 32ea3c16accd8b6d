import { randomBytes } from 'node:crypto';
import { type BinaryNode, generateSignalPubKey, type KeyPair } from '@whiskeysockets/baileys';
import { type DeviceStatement, isCountersigned, parseQr, type ScannedQr, signDevice } from './adv-pairing.ts';
import type { ClientConnection } from './client-connection.ts';
import type { RegistrationRequest } from './client-payload.ts';
import { type Companion, createCompanion } from './companion.ts';
import { type Account, deviceJid } from './device.ts';
import { bytesOf, child, firstChild, nowSeconds, SERVER_JID, stanza } from './stanza.ts';
import { endStream, STREAM_ERRORS } from './stream-error.ts';
import type { World } from './world.ts';
import { verifyXeddsa } from './xeddsa.ts';

/** A QR code is shown for each ref, one after another; then the client gives up. */
const REFS_PER_CONNECTION = 6;

/** The phone that scans: its account, and the key that signs for it. */
export interface Scanner {
  readonly account: Account;
  readonly accountKey: KeyPair;
}

/** Pairs clients that have no account yet with the phone that scans their QR code. */
export interface Registrar {
  /** Takes in a client that wants to be paired and sends it its refs. */
  admit(request: RegistrationRequest, noiseKey: Buffer, connection: ClientConnection): UnpairedClient;
  /** Pairs; rejects if the code is unknown, if its connection is gone, or if the client's proof is wrong. */
  pair(qrText: string, scanner: Scanner): Promise<Companion>;
}

export interface UnpairedClient {
  onNode(node: BinaryNode): void;
  onClosed(): void;
}

interface Pending {
  readonly request: RegistrationRequest;
  readonly noiseKey: Buffer;
  readonly connection: ClientConnection;
  offer: Offer | undefined;
}

interface Offer {
  readonly id: string;
  resolve(countersigned: Buffer): void;
  reject(reason: Error): void;
}

export function createRegistrar(world: World): Registrar {
  const { records } = world;
  const pendingByRef = new Map<string, Pending>();
  const nextDeviceId = createDeviceIds();

  function claim(qr: ScannedQr): Pending {
    const pending = pendingByRef.get(qr.ref);
    if (pending === undefined) throw new Error('no client shows this QR code, or its connection is gone');
    if (!pending.request.identityKey.equals(qr.identityKey) || !pending.noiseKey.equals(qr.noiseKey)) {
      throw new Error('the QR code shows other keys than the client behind it registered');
    }
    if (!isSigned(pending.request)) throw new Error('the signed pre-key of the client is not signed by it');
    return pending;
  }

  function enrol(pending: Pending, { account }: Scanner, id: number): Companion {
    const { request, noiseKey, connection } = pending;
    const companion = createCompanion(world, account, id, { ...request, noiseKey });
    account.devices.set(id, companion);
    records.noteConnection('paired', companion.jid);
    endStream(connection, STREAM_ERRORS.restart);
    return companion;
  }

  return {
    admit(request, noiseKey, connection) {
      const pending: Pending = { request, noiseKey, connection, offer: undefined };
      const refs = Array.from({ length: REFS_PER_CONNECTION }, () => randomBytes(24).toString('base64url'));
      for (const ref of refs) pendingByRef.set(ref, pending);
      connection.send(pairDeviceStanza(refs));
      records.noteConnection('qr-issued');
      return {
        onNode(node) {
          const reply = firstChild(node);
          if (pending.offer === undefined || node.attrs.id !== pending.offer.id) return;
          pending.offer.resolve(bytesOf(child(reply, 'device-identity')));
        },
        onClosed() {
          for (const ref of refs) pendingByRef.delete(ref);
          pending.offer?.reject(new Error('the client went away while it was being paired'));
          records.noteConnection('closed');
        },
      };
    },
    async pair(qrText, scanner) {
      const qr = parseQr(qrText);
      const pending = claim(qr);
      const id = nextDeviceId(scanner.account);
      const statement = signDevice(scanner.accountKey, qr, id);
      const keys = { companionIdentity: qr.identityKey, accountIdentity: scanner.accountKey.public };
      const reply = await offerPairing(pending, pairSuccess(scanner.account, id, statement));
      if (!isCountersigned(reply, statement, keys)) {
        pending.connection.close();
        throw new Error('the client signed its device identity wrongly');
      }
      return enrol(pending, scanner, id);
    },
  };
}

function offerPairing(pending: Pending, node: BinaryNode): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pending.offer = { id: node.attrs.id ?? '', resolve, reject };
    pending.connection.send(node);
  });
}

/** Ids are never used twice: old signal sessions are bound to them. */
function createDeviceIds(): (account: Account) => number {
  const issued = new Map<Account, number>();
  return account => {
    const id = (issued.get(account) ?? 0) + 1;
    issued.set(account, id);
    return id;
  };
}

/** Peers would refuse a pre-key that its owner has not signed. */
function isSigned({ identityKey, signedPreKey: { publicKey, signature } }: RegistrationRequest): boolean {
  return verifyXeddsa(identityKey, generateSignalPubKey(publicKey), signature);
}

const serverRequest = (content: BinaryNode) =>
  stanza(
    'iq',
    { from: SERVER_JID, type: 'set', id: randomBytes(6).toString('hex'), xmlns: 'md', t: nowSeconds() },
    [content],
  );

const pairDeviceStanza = (refs: string[]) =>
  serverRequest(
    stanza(
      'pair-device',
      {},
      refs.map(ref => stanza('ref', {}, Buffer.from(ref))),
    ),
  );

/** The name in `biz` becomes the client's push name; without one it stays unavailable and marks every receipt so. */
const pairSuccess = ({ jid, lid, name }: Account, id: number, { sealed }: DeviceStatement) =>
  serverRequest(
    stanza('pair-success', {}, [
      stanza('device-identity', {}, sealed),
      stanza('biz', { name }),
      stanza('device', { jid: deviceJid(jid, id), lid: deviceJid(lid, id) }),
      stanza('platform', { name: 'android' }),
    ]),
  );
