import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientConnection } from './client-connection.ts';
import type { RegistrationRequest } from './client-payload.ts';
import { nowSeconds, SERVER_JID, stanza } from './stanza.ts';
import type { World } from './world.ts';

/** A connection whose client has no account yet. */
export interface UnpairedClient {
  readonly keys: RegistrationRequest & { readonly noiseKey: Buffer };
  readonly connection: ClientConnection;
  send(node: BinaryNode): void;
  /** Sends an IQ with this content; resolves with the client's answer, rejects if the client goes away before. */
  ask(content: BinaryNode): Promise<BinaryNode>;
  /** Resolves with what somebody will hand to `answer` under this name; rejects if the client goes away before. */
  awaited(name: string): Promise<BinaryNode>;
  /** Whether somebody had waited for it. */
  answer(name: string, node: BinaryNode): boolean;
  /** Two phones must not pair the same client. Returns the function that lets go of it, throws if it is taken. */
  claim(): () => void;
  onClosed(): void;
}

interface Waiter {
  resolve(node: BinaryNode): void;
  reject(reason: Error): void;
}

export function createUnpairedClient(
  { faults }: World,
  keys: UnpairedClient['keys'],
  connection: ClientConnection,
): UnpairedClient {
  const waiters = new Map<string, Waiter>();
  let state: 'free' | 'claimed' | 'gone' = 'free';

  const client: UnpairedClient = {
    keys,
    connection,
    send: node =>
      faults.pass(
        { direction: 'to-client', node, deviceJid: undefined },
        { forward: () => connection.send(node), cut: connection.reset },
      ),
    ask(content) {
      const id = randomBytes(6).toString('hex');
      const answer = client.awaited(id);
      client.send(
        stanza('iq', { from: SERVER_JID, type: 'set', id, xmlns: 'md', t: nowSeconds() }, [content]),
      );
      return answer;
    },
    awaited(name) {
      if (state === 'gone') return Promise.reject(new Error(GONE));
      return new Promise((resolve, reject) => waiters.set(name, { resolve, reject }));
    },
    answer(name, node) {
      const waiter = waiters.get(name);
      waiters.delete(name);
      waiter?.resolve(node);
      return waiter !== undefined;
    },
    claim() {
      if (state !== 'free') throw new Error('this client is being paired already');
      state = 'claimed';
      return () => {
        if (state === 'claimed') state = 'free';
      };
    },
    onClosed() {
      state = 'gone';
      for (const { reject } of waiters.values()) reject(new Error(GONE));
      waiters.clear();
    },
  };
  return client;
}

const GONE = 'the client went away while it was being paired';
