import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { createDeferred, type Deferred } from '../deferred.ts';
import { SessionError } from '../errors.ts';
import { toError } from './peer-errors.ts';
import type { ArgsOf, CallableMethod, ResultOf } from './peer-messages.ts';
import type { Peers } from './peers.ts';

/** A peer that runs says so at once; after that it may work as long as the longest use case does (pairing by code). */
const ACCEPT_MS = 2_000;
const ANSWER_MS = 60_000;
const MAX_OPEN_CALLS = 1_000;

/** Asks whoever holds a session to do something with it. */
export interface PeerCalls {
  /**
   * Its result or its error. SESSION_HELD_ELSEWHERE, naming it, where it can't be reached or does not answer: then it
   * is not known whether it was done. RATE_LIMITED where too many calls wait.
   */
  call<M extends CallableMethod>(peer: string, method: M, args: ArgsOf<M>): Promise<ResultOf<M>>;
}

interface OpenCall {
  readonly peer: string;
  readonly answer: Deferred<unknown>;
  /** Begins the wait for what comes next. */
  waitFor(ms: number, what: string): void;
}

export function createPeerCalls(peers: Peers, clock: Clock): PeerCalls {
  const open = new Map<string, OpenCall>();

  /** Answers count only from whom was asked. */
  function find(call: string, sender: string): OpenCall | undefined {
    const found = open.get(call);
    return found?.peer === sender ? found : undefined;
  }
  peers.listen('accepted', ({ call }, sender) =>
    find(call, sender)?.waitFor(ANSWER_MS, 'took the request on and did not answer it'),
  );
  peers.listen('result', ({ call, value }, sender) => find(call, sender)?.answer.resolve(value));
  peers.listen('failure', ({ call, error }, sender) => find(call, sender)?.answer.reject(toError(error)));

  function begin(peer: string): OpenCall & { stopWaiting(): void } {
    const answer = createDeferred<unknown>();
    let stopWaiting = () => {};
    return {
      peer,
      answer,
      stopWaiting: () => stopWaiting(),
      waitFor(ms, what) {
        stopWaiting();
        stopWaiting = clock.schedule(ms, () => answer.reject(heldBy(peer, what)));
      },
    };
  }

  async function ask(peer: string, method: CallableMethod, args: readonly unknown[]): Promise<unknown> {
    if (!peers.isUp) throw heldBy(peer, 'can’t be asked: the connection between the servers is down');
    if (open.size >= MAX_OPEN_CALLS)
      throw new SessionError('RATE_LIMITED', `too many requests wait for other servers`);
    const call = randomUUID();
    const waiting = begin(peer);
    open.set(call, waiting);
    try {
      waiting.waitFor(ACCEPT_MS, 'does not answer');
      peers.tell(peer, { kind: 'call', call, method, args });
      return await waiting.answer.promise;
    } finally {
      open.delete(call);
      waiting.stopWaiting();
    }
  }

  return {
    call: (peer, method, args) => ask(peer, method, args) as Promise<ResultOf<typeof method>>,
  };
}

function heldBy(peer: string, what: string): SessionError {
  return new SessionError('SESSION_HELD_ELSEWHERE', `server ${peer} runs this session, and ${what}`);
}
