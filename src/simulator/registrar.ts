import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { parseQr, type ScannedQr } from './adv-pairing.ts';
import type { ClientConnection } from './client-connection.ts';
import type { RegistrationRequest } from './client-payload.ts';
import { type CodeRequests, createCodeRequests, exchangeSecret } from './code-requests.ts';
import type { Companion } from './companion.ts';
import { createEnrolment, type Scanner } from './enrolment.ts';
import { readPairingCode } from './pairing-code.ts';
import type { ServedClient } from './served-client.ts';
import { iqResult, stanza } from './stanza.ts';
import { createUnpairedClient, type UnpairedClient } from './unpaired-client.ts';
import type { World } from './world.ts';

/** A QR code is shown for each ref, one after another; then the client gives up. */
const REFS_PER_CONNECTION = 6;

/** Pairs clients that have no account yet with a phone, by the QR code or by the pairing code that they show. */
export interface Registrar {
  readonly pendingCodes: CodeRequests['pending'];
  /** Takes in a client that wants to be paired and sends it its refs. */
  admit(request: RegistrationRequest, noiseKey: Buffer, connection: ClientConnection): ServedClient;
  /** Rejects if the code is unknown, if its connection is gone, or if the client's proof is wrong. */
  pairByQr(qrText: string, scanner: Scanner): Promise<Companion>;
  /** Rejects if no client waits for the scanner's number, and where the code or the client's proof is wrong. */
  pairByCode(code: string, scanner: Scanner): Promise<Companion>;
}

export function createRegistrar(world: World): Registrar {
  const { records, faults } = world;
  const clientsByRef = new Map<string, UnpairedClient>();
  const codes = createCodeRequests(world);
  const enrol = createEnrolment(world);

  function onNode(node: BinaryNode, client: UnpairedClient): void {
    const { tag, attrs } = node;
    if (tag !== 'iq') return;
    if (attrs.type === 'get' || attrs.type === 'set') {
      client.send(codes.answer(node, client) ?? iqResult(node));
    } else if (attrs.id) client.answer(attrs.id, node);
  }

  return {
    pendingCodes: codes.pending,
    admit(request, noiseKey, connection) {
      const client = createUnpairedClient(world, { ...request, noiseKey }, connection);
      const refs = Array.from({ length: REFS_PER_CONNECTION }, () => randomBytes(24).toString('base64url'));
      for (const ref of refs) clientsByRef.set(ref, client);
      // Nobody waits for the answer; one that never comes is no failure either.
      client.ask(pairDevice(refs)).catch(() => undefined);
      records.noteConnection('qr-issued');
      return {
        onNode: node =>
          faults.pass(
            { direction: 'from-client', node, deviceJid: undefined },
            { forward: () => onNode(node, client), cut: connection.reset },
          ),
        onClosed() {
          for (const ref of refs) clientsByRef.delete(ref);
          codes.forget(client);
          client.onClosed();
          records.noteConnection('closed');
        },
      };
    },
    async pairByQr(qrText, scanner) {
      const qr = parseQr(qrText);
      const client = clientsByRef.get(qr.ref);
      if (client === undefined) throw new Error('no client shows this QR code, or its connection is gone');
      checkKeys(qr, client);
      return whileClaimed(client, () => enrol(client, qr.advSecret, scanner));
    },
    async pairByCode(typed, scanner) {
      const code = readPairingCode(typed);
      const request = codes.find(scanner.account);
      return whileClaimed(request.client, async () => {
        const advSecret = await exchangeSecret(request, code, scanner.accountKey);
        const companion = await enrol(request.client, advSecret, scanner);
        codes.forget(request.client);
        return companion;
      });
    },
  };
}

/** A client that was paired stays claimed: its connection ends. Where pairing failed it may be tried again. */
async function whileClaimed<T>(client: UnpairedClient, pair: () => Promise<T>): Promise<T> {
  const release = client.claim();
  try {
    return await pair();
  } catch (error) {
    release();
    throw error;
  }
}

function checkKeys(qr: ScannedQr, { keys }: UnpairedClient): void {
  if (keys.identityKey.equals(qr.identityKey) && keys.noiseKey.equals(qr.noiseKey)) return;
  throw new Error('the QR code shows other keys than the client behind it registered');
}

const pairDevice = (refs: string[]) =>
  stanza(
    'pair-device',
    {},
    refs.map(ref => stanza('ref', {}, Buffer.from(ref))),
  );
