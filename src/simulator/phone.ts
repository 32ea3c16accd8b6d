import { announceAppState } from './announcements.ts';
import type { Collection } from './app-state.ts';
import type { Companion } from './companion.ts';
import type { Account } from './device.ts';
import { sendFirstSync } from './first-sync.ts';
import { createLinkedDevice, type LinkedDevice } from './linked-device.ts';
import { createPeerDevice, type PeerDevice } from './peer-device.ts';
import type { ReceivedMessage } from './peer-inbox.ts';
import { createPeerReports } from './peer-reports.ts';
import type { Registrar } from './registrar.ts';
import { kick, STREAM_ERRORS } from './stream-error.ts';
import type { World } from './world.ts';

/** The primary device of an account: it scans QR codes and owns the linked devices. */
export interface Phone {
  readonly account: Account;
  readonly number: string;
  readonly jid: string;
  readonly lid: string;
  readonly devices: readonly LinkedDevice[];
  /** What its linked devices sent, as they copy it to the phone, and what contacts sent to it. */
  readonly received: readonly ReceivedMessage[];
  /** Pairs the client that shows this code. Rejects if the code is unknown or the client fails to prove itself. */
  scan(qrText: string): Promise<LinkedDevice>;
  /**
   * Pairs the client that asked for a code for this number last. Rejects if there is none, if it shows another
   * code, or if it goes away meanwhile; a client that is still there can be tried again.
   */
  typeCode(code: string): Promise<LinkedDevice>;
  /** Changes nothing in a collection of the app state, which still gets a new version, and says so to the devices. */
  touchAppState(collection: Collection): void;
  /** Unlinks a device: its stream ends with 401 device_removed, and it can't log in again. */
  removeDevice(device: LinkedDevice): void;
}

export interface OwnedPhone {
  readonly phone: Phone;
  readonly device: PeerDevice;
}

export function createPhone(
  world: World,
  registrar: Registrar,
  account: Account,
  firstSync: 'sent' | 'withheld',
): OwnedPhone {
  const { received, events } = createPeerReports(world);
  const device = createPeerDevice(account, 0, events);
  account.devices.set(0, device);
  const greet = (to: Companion) => {
    sendFirstSync(device, to).catch((error: Error) => events.onUnsendable(to, error.message));
  };
  const scanner = { account, accountKey: device.identity };
  const links = new Map<LinkedDevice, Companion>();

  function link(companion: Companion): LinkedDevice {
    if (firstSync === 'sent') companion.greet = () => greet(companion);
    const linked = createLinkedDevice(world, companion);
    links.set(linked, companion);
    return linked;
  }

  const phone: Phone = {
    account,
    number: account.number,
    jid: account.jid,
    lid: account.lid,
    received,
    get devices() {
      return [...links.keys()].filter(({ isRemoved }) => !isRemoved);
    },
    scan: async qrText => link(await registrar.pairByQr(qrText, scanner)),
    typeCode: async code => link(await registrar.pairByCode(code, scanner)),
    touchAppState(collection) {
      account.appState.touch(collection);
      announceAppState(account, collection);
    },
    removeDevice(linked) {
      const companion = links.get(linked);
      if (companion === undefined) throw new Error('this device is not linked to this phone');
      kick(world, companion, STREAM_ERRORS.removed);
    },
  };
  return { phone, device };
}
