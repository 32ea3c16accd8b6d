import type { Clock } from '../clock.ts';
import { asStoreError } from '../deadline.ts';
import type { StoreError } from '../errors.ts';
import { aroundLeases } from '../leases/around-leases.ts';
import type { SessionStore } from '../store.ts';

/** One call of a store that is over. */
export interface StoreCall {
  readonly store: string;
  /** The method of the contract. */
  readonly call: string;
  readonly ms: number;
  readonly error?: StoreError;
}

export type ObserveCall = (call: StoreCall) => void;

/** The same store, and somebody who is told of each of its answers. A stream counts when it ends. */
export function observeStore(store: SessionStore, clock: Clock, observe: ObserveCall): SessionStore {
  const { name, leases } = store;

  function begin(call: string) {
    const began = clock.monotonicMs();
    return (cause?: unknown) => {
      const ms = clock.monotonicMs() - began;
      observe({ store: name, call, ms, ...(cause !== undefined && { error: asStoreError(name, cause) }) });
    };
  }

  async function time<T>(call: string, task: () => Promise<T>): Promise<T> {
    const end = begin(call);
    try {
      const answer = await task();
      end();
      return answer;
    } catch (cause) {
      end(cause);
      throw cause;
    }
  }

  const observed: SessionStore = {
    ...store,
    readHead: id => time('readHead', () => store.readHead(id)),
    loadEntries: (id, names) => time('loadEntries', () => store.loadEntries(id, names)),
    loadSession: id => time('loadSession', () => store.loadSession(id)),
    applyChange: change => time('applyChange', () => store.applyChange(change)),
    replaceSession: replacement => time('replaceSession', () => store.replaceSession(replacement)),
    probe: () => time('probe', () => store.probe()),
    async *listSessions() {
      const end = begin('listSessions');
      try {
        yield* store.listSessions();
        end();
      } catch (cause) {
        end(cause);
        throw cause;
      }
    },
  };
  return leases ? { ...observed, leases: aroundLeases(leases, time) } : observed;
}
