import { randomBytes } from 'node:crypto';
import type { BinaryNode, KeyPair } from '@whiskeysockets/baileys';
import type { Account } from './device.ts';
import { answerWithCode } from './pairing-code.ts';
import { bytesOf, child, iqError, iqResult, nowSeconds, SERVER_JID, stanza } from './stanza.ts';
import type { UnpairedClient } from './unpaired-client.ts';
import type { World } from './world.ts';

const REGISTRATION = 'link_code_companion_reg';
const FINISH = 'companion_finish';

/** A client that shows a code and waits for a phone to type it. The server knows the number, never the code. */
export interface CodeRequest {
  readonly number: string;
  /** What the client calls itself, as the phone displays it. */
  readonly platform: string;
}

export interface PendingCodeRequest extends CodeRequest {
  readonly ref: string;
  readonly client: UnpairedClient;
  readonly wrappedEphemeral: Buffer;
}

/** The clients that asked to be paired by a code. */
export interface CodeRequests {
  readonly pending: readonly CodeRequest[];
  /** Answers a client's part of the exchange. Undefined for a request that is none. */
  answer(request: BinaryNode, client: UnpairedClient): BinaryNode | undefined;
  forget(client: UnpairedClient): void;
  /** The last one for a number: a phone types what it sees, and asks for the newest. */
  find(account: Account): PendingCodeRequest;
}

export function createCodeRequests({ directory, records, reception }: World): CodeRequests {
  const pending: PendingCodeRequest[] = [];

  function forget(client: UnpairedClient): void {
    const at = pending.findIndex(request => request.client === client);
    if (at !== -1) pending.splice(at, 1);
  }

  function onHello(request: BinaryNode, hello: BinaryNode, client: UnpairedClient): BinaryNode {
    const refusal = reception.codeRefusal;
    if (refusal) return iqError(request, refusal);
    const account = directory.accountOf(hello.attrs.jid ?? '');
    if (account === undefined) return iqError(request, { code: 404, text: 'item-not-found' });
    if (!bytesOf(child(hello, 'companion_server_auth_key_pub')).equals(client.keys.noiseKey)) {
      return iqError(request, { code: 400, text: 'bad-request' });
    }
    forget(client);
    const ref = randomBytes(24).toString('base64url');
    const wrappedEphemeral = bytesOf(child(hello, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
    const platform = bytesOf(child(hello, 'companion_platform_display')).toString();
    pending.push({ ref, client, number: account.number, platform, wrappedEphemeral });
    records.noteConnection('code-requested', undefined, account.number);
    const reply = stanza(REGISTRATION, { stage: 'companion_hello' }, [refNode(ref)]);
    return iqResult(request, reply);
  }

  return {
    pending,
    forget,
    answer(request, client) {
      const registration = child(request, REGISTRATION);
      if (registration?.attrs.stage === 'companion_hello') return onHello(request, registration, client);
      if (registration?.attrs.stage !== FINISH) return undefined;
      // Nobody asked for it, or another code was requested since.
      if (!client.answer(finishOf(bytesOf(child(registration, REF)).toString()), registration)) {
        return iqError(request, { code: 404, text: 'item-not-found' });
      }
      return iqResult(request);
    },
    find({ number }) {
      const request = pending.findLast(candidate => candidate.number === number);
      if (request === undefined) throw new Error('no client waits for a code of this number');
      return request;
    },
  };
}

/**
 * The phone's part: greets the client under the code and opens its answer. Resolves with the secret both
 * have then; rejects if the code is wrong or the client goes away.
 */
export async function exchangeSecret(
  { client, ref, wrappedEphemeral }: PendingCodeRequest,
  code: string,
  identity: KeyPair,
): Promise<Buffer> {
  const exchange = await answerWithCode(code, identity, wrappedEphemeral);
  const finish = client.awaited(finishOf(ref));
  client.send(primaryHello(ref, exchange.wrappedEphemeral, identity));
  const { companionIdentity, primaryIdentity, advSecret } = exchange.openBundle(
    bytesOf(child(await finish, 'link_code_pairing_wrapped_key_bundle')),
  );
  const isAsRegistered = companionIdentity.equals(client.keys.identityKey);
  if (!isAsRegistered || !primaryIdentity.equals(identity.public)) {
    throw new Error('the client sealed other identities than its own and that of the phone');
  }
  return advSecret;
}

function primaryHello(ref: string, wrappedEphemeral: Buffer, identity: KeyPair): BinaryNode {
  const hello = stanza(REGISTRATION, { stage: 'primary_hello' }, [
    stanza('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrappedEphemeral),
    stanza('primary_identity_pub', {}, identity.public),
    refNode(ref),
  ]);
  const id = randomBytes(6).toString('hex');
  return stanza('notification', { from: SERVER_JID, type: REGISTRATION, id, t: nowSeconds() }, [hello]);
}

const REF = 'link_code_pairing_ref';
const refNode = (ref: string) => stanza(REF, {}, Buffer.from(ref));
const finishOf = (ref: string) => `${FINISH} ${ref}`;
