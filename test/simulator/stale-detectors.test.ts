import { encodeWAMessage } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import type { Device } from '../../src/simulator/device.ts';
import { createDirectory } from '../../src/simulator/directory.ts';
import { createObserver } from '../../src/simulator/observer.ts';
import { createPeerDevice } from '../../src/simulator/peer-device.ts';
import { createPeerSignal } from '../../src/simulator/peer-signal.ts';
import { createPreKeyShelf } from '../../src/simulator/pre-key-shelf.ts';
import { installQuietConsole, quietly } from '../../src/simulator/quiet-console.ts';
import { createRecords } from '../../src/simulator/records.ts';
import { createStaleDetectors } from '../../src/simulator/stale-detectors.ts';

const NO_EVENTS = { onReceived() {}, onUndecryptable() {}, onUnsendable() {}, onReceipt() {} };

const key = (keyId: number, fill: number) => ({ keyId, publicKey: Buffer.alloc(32, fill) });

test('a pre-key is handed out once', () => {
  const shelf = createPreKeyShelf(() => undefined);
  shelf.store([key(1, 1), key(2, 2)]);
  expect([shelf.take()?.keyId, shelf.take()?.keyId, shelf.take()]).toEqual([1, 2, undefined]);
});

test('an upload that is repeated is fine; a changed key and one that was taken are not', () => {
  const reports: string[] = [];
  const shelf = createPreKeyShelf(kind => reports.push(kind));
  shelf.store([key(1, 1), key(2, 2)]);
  shelf.store([key(1, 1)]);
  expect(reports).toEqual([]);
  shelf.store([key(2, 3)]);
  expect(reports).toEqual(['pre-key-clash']);
  shelf.take();
  shelf.offer(key(1, 1));
  expect(reports).toEqual(['pre-key-clash', 'consumed-pre-key-offered']);
});

test('one pre-key of a peer in two signal sessions is reported', async () => {
  const records = createRecords(createObserver());
  const detectors = createStaleDetectors(records);
  const account = createDirectory().addAccount('15550002', 'Contact');
  const recipient = createPeerDevice(account, 0, NO_EVENTS);
  const sender = createPeerSignal('100000015550001:1@lid');
  const identity = { identityKey: sender.identity.public, registrationId: sender.registrationId };
  const client = { jid: '15550001:1@s.whatsapp.net', lid: '100000015550001:1@lid', ...identity } as Device &
    typeof identity;

  const restoreConsole = installQuietConsole();
  const bundle = recipient.takeBundle();
  const seal = () => sender.encrypt(recipient, encodeWAMessage({ conversation: 'text' }));
  await sender.renew(recipient, bundle);
  detectors.observeSent(client, { recipient }, await seal());
  detectors.observeSent(client, { recipient }, await seal());
  expect(records.anomalies).toEqual([]);
  await quietly(() => sender.renew(recipient, bundle));
  detectors.observeSent(client, { recipient }, await seal());
  restoreConsole();
  expect(records.anomalies).toMatchObject([{ kind: 'peer-pre-key-reuse', deviceJid: client.jid }]);
});
