import { StoreError } from '../errors.ts';
import type { SessionRunner } from './session-runner.ts';

/** The sessions that are being made: what is begun is whole and at rest when the server has stopped. */
export interface SessionMakings {
  readonly isClosed: boolean;
  /** STORE_CLOSED once it is closed. */
  run(make: () => Promise<SessionRunner | undefined>): Promise<SessionRunner | undefined>;
  /** Begins none any more; resolves when those under way have ended. */
  close(): Promise<void>;
}

export function createSessionMakings(): SessionMakings {
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  async function finish(make: () => Promise<SessionRunner | undefined>): Promise<SessionRunner | undefined> {
    const runner = await make();
    // Nobody else halts it: it was not known yet when the others were.
    if (isClosed) await runner?.halt();
    return runner;
  }

  return {
    get isClosed() {
      return isClosed;
    },
    async run(make) {
      if (isClosed) throw new StoreError('STORE_CLOSED', 'chain', 'the server stops');
      const making = finish(make);
      underWay.add(making);
      return making.finally(() => underWay.delete(making));
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}
