import type { DeadLetters } from '../core/dead-letters.ts';
import type { Sessions } from '../core/sessions/sessions.ts';
import type { Viewer } from './viewer.ts';

/** What every resolver gets beside its arguments. */
export interface RequestContext {
  readonly viewer: Viewer;
  readonly sessions: Sessions;
  /** Events of webhooks that this server gave up. */
  readonly deadLetters: DeadLetters;
  /** Aborted when the caller is gone or the server stops; streams complete then. */
  readonly signal: () => AbortSignal;
  /** Counts a call of the viewer against its rate; false where it has to wait. */
  admitCall(mutation: string, rate: CallRate): boolean;
  /** Room for one more subscription of the viewer, to be given back; undefined where there is none. */
  takePlace(): (() => void) | undefined;
}

/** How often a mutation may be called; `rare` ones make a store read or write a whole session. */
export type CallRate = 'common' | 'rare';
