import type { BinaryNode } from '@whiskeysockets/baileys';

/** A stanza between the server and a client. */
export interface Traffic {
  readonly direction: 'from-client' | 'to-client';
  readonly node: BinaryNode;
  /** Undefined as long as the client is not paired. */
  readonly deviceJid: string | undefined;
}

/**
 * What to do with it: lose it, lose it and cut the connection, or hold it back for a while. Undefined lets it pass.
 */
export type Verdict = 'drop' | 'cut' | { readonly delayMs: number } | undefined;

export type Interceptor = (traffic: Traffic) => Verdict;

/** Faults on the way between the server and its clients. */
export interface Faults {
  /** Asks this interceptor about every stanza; the first verdict counts. Returns the function that ends it. */
  intercept(interceptor: Interceptor): () => void;
  /** Passes a stanza on, later, or never; or cuts the connection in its place. */
  pass(traffic: Traffic, way: { forward(): void; cut(): void }): void;
  stop(): void;
}

export function createFaults(): Faults {
  const interceptors = new Set<Interceptor>();
  const timers = new Set<NodeJS.Timeout>();

  function verdictOn(traffic: Traffic): Verdict {
    for (const interceptor of interceptors) {
      const verdict = interceptor(traffic);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  return {
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => void interceptors.delete(interceptor);
    },
    pass(traffic, { forward, cut }) {
      const verdict = verdictOn(traffic);
      if (verdict === 'drop') return;
      if (verdict === 'cut') return cut();
      if (verdict === undefined) return forward();
      const timer = setTimeout(() => {
        timers.delete(timer);
        forward();
      }, verdict.delayMs);
      timers.add(timer);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      interceptors.clear();
    },
  };
}
