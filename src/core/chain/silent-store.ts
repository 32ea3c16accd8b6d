import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import type { StoreError } from '../errors.ts';
import { aroundLeases } from '../leases/around-leases.ts';
import type { SessionStore } from '../store.ts';

/** A refusal that comes sooner costs nobody anything, and is not remembered. */
const SILENCE_MS = 1_000;
const PAUSE_MS = 1_000;

/**
 * The same store, whose silence is waited for once and not by everybody who asks: while it lasts, questions are
 * refused at once, and a probe finds out when it ends. What is written goes through as ever, and so do the reads of
 * sessions that are open: those have a deadline of their own, and stop where it passes (law 9).
 */
export function rememberSilence(store: SessionStore, deadline: Deadline): SessionStore {
  const { clock } = deadline;
  const closed = new AbortController();
  let silence: StoreError | undefined;

  async function ask<T>(call: () => Promise<T>): Promise<T> {
    if (silence) throw silence;
    const began = clock.monotonicMs();
    try {
      return await answerWithin(store.name, deadline, call);
    } catch (cause) {
      const error = asStoreError(store.name, cause);
      const wasSilent = clock.monotonicMs() - began >= Math.min(SILENCE_MS, deadline.ms);
      if (wasSilent && error.code === 'STORE_UNAVAILABLE' && !silence) {
        silence = error;
        void watch();
      }
      throw error;
    }
  }

  /** What goes through in any case ends the silence as well, where it is answered. */
  async function heard<T>(answer: Promise<T>): Promise<T> {
    const result = await answer;
    silence = undefined;
    return result;
  }

  async function watch(): Promise<void> {
    while (silence && !closed.signal.aborted) {
      await clock.sleep(PAUSE_MS, closed.signal);
      await probe().catch(() => {});
    }
  }

  async function probe(): Promise<void> {
    await answerWithin(store.name, deadline, () => store.probe());
    silence = undefined;
  }

  return {
    ...store,
    ...(store.leases && { leases: aroundLeases(store.leases, (_, call) => ask(call)) }),
    probe,
    applyChange: change => heard(store.applyChange(change)),
    replaceSession: replacement => heard(store.replaceSession(replacement)),
    readHead: id => ask(() => store.readHead(id)),
    async *listSessions() {
      const ids = store.listSessions()[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { done, value } = await ask(() => ids.next());
          if (done) return;
          yield value;
        }
      } finally {
        // Not awaited: the end of a listing that hangs comes after the answer that never comes.
        ids.return?.()?.catch(() => {});
      }
    },
    close() {
      closed.abort();
      return store.close();
    },
  };
}
