import type { KeyPair } from '@whiskeysockets/baileys';
import { type DeviceStatement, isCountersigned, signDevice } from './adv-pairing.ts';
import { announceDevice } from './announcements.ts';
import { type Companion, createCompanion } from './companion.ts';
import { type Account, deviceJid } from './device.ts';
import { isSignedBy } from './signed-pre-key.ts';
import { bytesOf, child, firstChild, stanza } from './stanza.ts';
import { endStream, STREAM_ERRORS } from './stream-error.ts';
import type { UnpairedClient } from './unpaired-client.ts';
import type { World } from './world.ts';

/** The phone that pairs: its account, and the key that signs for it. */
export interface Scanner {
  readonly account: Account;
  readonly accountKey: KeyPair;
}

/** Makes a client a device of an account, once phone and client share a secret. Rejects if its proof is wrong. */
export type Enrol = (client: UnpairedClient, advSecret: Buffer, scanner: Scanner) => Promise<Companion>;

export function createEnrolment(world: World): Enrol {
  const nextDeviceId = createDeviceIds();

  return async (client, advSecret, { account, accountKey }) => {
    const { keys, connection } = client;
    if (!isSignedBy(keys.identityKey, keys.signedPreKey))
      throw new Error('the signed pre-key of the client is not signed by it');
    const id = nextDeviceId(account);
    const statement = signDevice(accountKey, { identityKey: keys.identityKey, advSecret }, id);
    const reply = firstChild(await client.ask(pairSuccess(account, id, statement)));
    const identities = { companionIdentity: keys.identityKey, accountIdentity: accountKey.public };
    if (!isCountersigned(bytesOf(child(reply, 'device-identity')), statement, identities)) {
      connection.close();
      throw new Error('the client signed its device identity wrongly');
    }
    const companion = createCompanion(world, account, id, keys);
    account.devices.set(id, companion);
    announceDevice(companion, 'add');
    world.records.noteConnection('paired', companion.jid);
    endStream({ send: client.send, close: connection.close }, STREAM_ERRORS.restart);
    return companion;
  };
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

/** The name in `biz` becomes the client's push name; without one it stays unavailable and marks every receipt so. */
const pairSuccess = ({ jid, lid, name }: Account, id: number, { sealed }: DeviceStatement) =>
  stanza('pair-success', {}, [
    stanza('device-identity', {}, sealed),
    stanza('biz', { name }),
    stanza('device', { jid: deviceJid(jid, id), lid: deviceJid(lid, id) }),
    stanza('platform', { name: 'android' }),
  ]);
