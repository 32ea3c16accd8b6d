import { createHash } from 'node:crypto';
import type { Device, Enc } from './device.ts';
import type { Records } from './records.ts';
import {
  type PreKeyHeader,
  readPreKeyHeader,
  readRatchetHeader,
  readSenderKeyHeader,
} from './signal-envelope.ts';

/** The identity a linked device was paired with. */
export interface PairedIdentity {
  readonly identityKey: Uint8Array;
  readonly registrationId: number;
}

/** Watches what linked devices send for signs that their state went back in time. Reads clear text only. */
export interface StaleDetectors {
  /** `sender` encrypted `enc` for `recipient`, or for a whole group where that is given. */
  observeSent(
    sender: Device & PairedIdentity,
    target: { recipient: Device } | { groupJid: string },
    enc: Enc,
  ): void;
  /** `device` uploaded or offered keys under this identity. */
  observeIdentity(device: Device & PairedIdentity, offered: PairedIdentity): void;
  /** `device` asked what is new in a collection of the app state since this version. */
  observeAppState(device: Device, collection: string, version: number): void;
}

export function createStaleDetectors(records: Records): StaleDetectors {
  const steps = createUniqueMap();
  const senderKeySteps = createUniqueMap();
  const preKeyUses = createUniqueMap();
  const appStateVersions = new Map<string, number>();

  function observePreKey(sender: Device & PairedIdentity, recipient: Device, header: PreKeyHeader): void {
    observeIdentity(sender, {
      identityKey: header.identityKey.subarray(1),
      registrationId: header.registrationId,
    });
    if (header.preKeyId === undefined) return;
    const use = `${recipient.lid} ${header.preKeyId}`;
    if (preKeyUses.isTaken(use, `${sender.lid} ${header.baseKey}`)) {
      records.reportAnomaly(
        'peer-pre-key-reuse',
        sender.jid,
        `pre-key ${header.preKeyId} of ${recipient.jid}`,
      );
    }
  }

  function observeIdentity(device: Device & PairedIdentity, offered: PairedIdentity): void {
    if (offered.registrationId !== device.registrationId) {
      const detail = `${device.registrationId}, now ${offered.registrationId}`;
      records.reportAnomaly('registration-id-changed', device.jid, detail);
    }
    if (!Buffer.from(offered.identityKey).equals(Buffer.from(device.identityKey))) {
      records.reportAnomaly('identity-changed', device.jid, 'another identity key than at pairing');
    }
  }

  return {
    observeIdentity,
    observeAppState(device, collection, version) {
      const key = `${device.lid} ${collection}`;
      const known = appStateVersions.get(key) ?? 0;
      appStateVersions.set(key, Math.max(known, version));
      if (version >= known) return;
      records.reportAnomaly('app-state-went-back', device.jid, `${collection} from ${known} to ${version}`);
    },
    observeSent(sender, target, { type, ciphertext }) {
      if ('groupJid' in target) {
        const { keyId, iteration } = readSenderKeyHeader(ciphertext);
        const step = `${sender.lid} ${target.groupJid} ${keyId} ${iteration}`;
        if (!senderKeySteps.isTaken(step, digest(ciphertext))) return;
        records.reportAnomaly('sender-key-reuse', sender.jid, `${target.groupJid} iteration ${iteration}`);
        return;
      }
      const { recipient } = target;
      const header = type === 'pkmsg' ? readPreKeyHeader(ciphertext) : readRatchetHeader(ciphertext);
      if ('preKeyId' in header) observePreKey(sender, recipient, header as PreKeyHeader);
      const step = `${sender.lid} ${recipient.lid} ${header.ratchetKey} ${header.counter}`;
      if (!steps.isTaken(step, digest(header.body))) return;
      records.reportAnomaly('ratchet-reuse', sender.jid, `to ${recipient.jid}, counter ${header.counter}`);
    },
  };
}

/** Remembers the first value of each key and tells when another one claims the same key. */
function createUniqueMap() {
  const values = new Map<string, string>();
  return {
    isTaken(key: string, value: string): boolean {
      const first = values.get(key) ?? value;
      values.set(key, first);
      return first !== value;
    },
  };
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
