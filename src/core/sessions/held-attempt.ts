import type { SessionConnection } from '../baileys/session-connection.ts';
import { reasonOfStoreFailure } from '../chain/store-reasons.ts';
import type { Turnstile } from '../turnstile.ts';
import { type DisconnectReason, reasonOf } from './disconnect-reasons.ts';
import { type AttemptDeps, runAttempt } from './session-attempt.ts';
import type { SessionHolding } from './session-holding.ts';
import type { SessionState } from './session-state.ts';

/** One try to run a session: open it, connect, and say why it ended, whether that was WhatsApp's doing or a store's. */
export interface HeldAttempt {
  /** Undefined where it ended by our own doing, or the session is not to run. */
  run(over: AbortSignal): Promise<DisconnectReason | undefined>;
  /** The socket, while there is one. */
  connection(): SessionConnection | undefined;
  endSocket(): void;
}

export interface HeldAttemptDeps extends AttemptDeps {
  /** How many sessions open and connect at once. */
  readonly turnstile: Turnstile;
}

export interface HeldAttemptOptions {
  readonly id: string;
  readonly state: SessionState;
  readonly holding: SessionHolding;
  /** Instance id of this server. */
  readonly holder: string;
  readonly restStopped: () => Promise<undefined>;
}

export function createHeldAttempt(deps: HeldAttemptDeps, options: HeldAttemptOptions): HeldAttempt {
  const { id, state, holding, holder, restStopped } = options;
  let connection: SessionConnection | undefined;
  const endSocket = () => connection?.end({ origin: 'local' });

  async function connect(over: AbortSignal, onWay: () => void): Promise<DisconnectReason | undefined> {
    const { session, sent } = await holding.open();
    // What could not be read at boot may turn out to be a session that is not to run.
    if (state.record.desiredState === 'STOPPED') return restStopped();
    if (state.status === 'STANDBY') state.moveTo('CONNECTING');
    const disconnect = await runAttempt(deps, {
      id,
      state,
      entries: session.entries,
      sent,
      onConnection(current) {
        connection = current;
        // What ended the holding while there was no socket yet ends this one: it could write nothing down.
        if (over.aborted || holding.failure()) endSocket();
      },
      onWay,
      onOpen() {
        const connected = { lastConnectedAt: deps.clock.now(), lastServer: holder };
        void holding.saveRecord(connected).catch(() => {});
      },
    });
    const reason = reasonOf(disconnect);
    if (reason?.code === 'CLIENT_OUTDATED') await deps.socket.version?.refresh();
    // Who was thrown out looks first whether another server has the session: two would throw each other out for ever.
    if (reason?.pace === 'replaced') await session.confirmLease();
    const failure = holding.failure();
    return failure ? reasonOfStoreFailure(failure) : reason;
  }

  return {
    endSocket,
    connection: () => connection,
    async run(over) {
      const leave = await deps.turnstile.enter(over);
      try {
        return over.aborted ? undefined : await connect(over, leave);
      } catch (error) {
        return reasonOfStoreFailure(holding.failure() ?? (error as Error));
      } finally {
        leave();
        if (holding.failure()) await holding.letGo('abandon');
      }
    },
  };
}
