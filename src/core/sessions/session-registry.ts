import type { SessionRunner } from './session-runner.ts';

/**
 * The one runner of each session that this server knows. Whoever asks for a session while somebody else is loading or
 * making it gets the same one: two runners of one session would fight over it.
 */
export interface SessionRegistry {
  /** The known runner, or what `make` brings. What brings nothing, or fails, is forgotten again. */
  obtain(id: string, make: () => Promise<SessionRunner | undefined>): Promise<SessionRunner | undefined>;
  knows(id: string): boolean;
  known(): SessionRunner[];
  forget(id: string): void;
}

export function createSessionRegistry(): SessionRegistry {
  const pending = new Map<string, Promise<SessionRunner | undefined>>();
  const runners = new Map<string, SessionRunner>();

  async function keep(id: string, make: () => Promise<SessionRunner | undefined>) {
    try {
      const runner = await make();
      if (runner) runners.set(id, runner);
      return runner;
    } finally {
      pending.delete(id);
    }
  }

  return {
    async obtain(id, make) {
      const runner = runners.get(id);
      if (runner) return runner;
      const underWay = pending.get(id) ?? keep(id, make);
      pending.set(id, underWay);
      return underWay;
    },
    knows: id => runners.has(id),
    known: () => [...runners.values()],
    forget: id => void runners.delete(id),
  };
}
