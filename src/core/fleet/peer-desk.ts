import type { Sessions } from '../sessions/sessions.ts';
import { toPlainError, UNNAMED } from './peer-errors.ts';
import { CALLABLE_METHODS, type CallableMethod, type PlainError } from './peer-messages.ts';
import type { Hear, Peers } from './peers.ts';

const MAX_OPEN_CALLS = 1_000;

const BUSY: PlainError = { code: 'RATE_LIMITED', message: 'the server that runs this session is overloaded' };

export interface PeerDeskOptions {
  readonly peers: Peers;
  /** Of this server alone: what was passed on once is not passed on again. */
  readonly local: Pick<Sessions, CallableMethod>;
  /** An error without a code: the other server hears that there was one, and the log here has it. */
  readonly onUnexpected: (error: unknown) => void;
}

/** Does what other servers ask of the sessions that this one runs. Who may ask for what was decided where they asked. */
export function openPeerDesk({ peers, local, onUnexpected }: PeerDeskOptions): void {
  let openCalls = 0;

  function plain(error: unknown): PlainError {
    const known = toPlainError(error);
    if (!known) onUnexpected(error);
    return known ?? { code: UNNAMED, message: `server ${peers.self} failed in a way it did not name` };
  }

  async function answer(method: CallableMethod, args: readonly unknown[]): Promise<unknown> {
    return (local[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
  }

  const hear: Hear<'call'> = async ({ call, method, args }, sender) => {
    const fail = (error: PlainError) => peers.tell(sender, { kind: 'failure', call, error });
    if (!CALLABLE_METHODS.includes(method)) {
      const message = `server ${peers.self} is of another version and can't ${method}`;
      return fail({ code: 'SESSION_HELD_ELSEWHERE', message });
    }
    if (openCalls >= MAX_OPEN_CALLS) return fail(BUSY);
    openCalls += 1;
    peers.tell(sender, { kind: 'accepted', call });
    try {
      peers.tell(sender, { kind: 'result', call, value: await answer(method, args) });
    } catch (error) {
      fail(plain(error));
    } finally {
      openCalls -= 1;
    }
  };
  peers.listen('call', (message, sender) => void hear(message, sender));
}
