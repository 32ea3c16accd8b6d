import type { IncomingMessage, QrCode, SessionView, StatusChange } from '../sessions/session-views.ts';
import type { Sessions } from '../sessions/sessions.ts';

/** What one server tells another. Kinds may be added; whoever does not know one ignores it. */
export type PeerMessage =
  | { readonly kind: 'status'; readonly change: StatusChange }
  | { readonly kind: 'message'; readonly message: IncomingMessage }
  | { readonly kind: 'qr'; readonly sessionId: string; readonly qr: QrCode }
  | { readonly kind: 'qr-complete'; readonly sessionId: string }
  | { readonly kind: 'deleted'; readonly sessionId: string }
  /** Somebody who heard nothing for a while: what do you run? */
  | { readonly kind: 'hello' }
  /** Some of what the sender runs. */
  | { readonly kind: 'present'; readonly sessions: readonly SessionView[] }
  | {
      readonly kind: 'call';
      readonly call: string;
      readonly method: CallableMethod;
      readonly args: readonly unknown[];
    }
  /** It was taken on: from now on its answer may take as long as the work does. */
  | { readonly kind: 'accepted'; readonly call: string }
  | { readonly kind: 'result'; readonly call: string; readonly value?: unknown }
  | { readonly kind: 'failure'; readonly call: string; readonly error: PlainError };

/** An error as it travels: `store` where a store gave it. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
  readonly store?: string;
}

export const CALLABLE_METHODS = [
  'createSession',
  'startSession',
  'stopSession',
  'logoutSession',
  'requestPairingCode',
  'syncSession',
  'restoreSession',
  'deleteSession',
  'sendText',
  'readSession',
  'readCopies',
  'readHistory',
] as const satisfies readonly (keyof Sessions)[];

/** What whoever holds a session is asked to do with it. */
export type CallableMethod = (typeof CALLABLE_METHODS)[number];

export type ArgsOf<M extends CallableMethod> = Parameters<Sessions[M]>;
export type ResultOf<M extends CallableMethod> = Awaited<ReturnType<Sessions[M]>>;
