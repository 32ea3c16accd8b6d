import type { Sessions } from '../core/sessions.ts';
import type { Viewer } from './viewer.ts';

/** What every resolver gets beside its arguments. */
export interface RequestContext {
  readonly viewer: Viewer;
  readonly sessions: Sessions;
  /** Aborted when the caller is gone or the server stops; streams complete then. */
  readonly signal: AbortSignal;
}
