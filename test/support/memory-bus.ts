import type { Bus } from '../../src/core/fleet/bus.ts';

/** A bus within the process, that goes away when a test says so. What it carries arrives in the next turn. */
export interface MemoryBus {
  connect(): Bus;
  /** All that was ever published, as somebody reads it who listens to the bus. */
  readonly carried: { readonly topic: string; readonly bytes: Uint8Array }[];
  goAway(): void;
  comeBack(): void;
}

type Subscriber = { readonly topic: string; readonly onBytes: (bytes: Uint8Array) => void };

export function createMemoryBus(): MemoryBus {
  const subscribers = new Set<Subscriber>();
  const listeners = new Set<(isUp: boolean) => void>();
  const carried: MemoryBus['carried'] = [];
  let isUp = true;

  function change(next: boolean): void {
    isUp = next;
    for (const listener of listeners) listener(isUp);
  }

  return {
    carried,
    goAway: () => change(false),
    comeBack: () => change(true),
    connect() {
      const own = new Set<Subscriber>();
      let dropped = 0;
      return {
        get isUp() {
          return isUp;
        },
        get dropped() {
          return dropped;
        },
        publish(topic, bytes) {
          if (!isUp) {
            dropped += 1;
            return;
          }
          const copy = Uint8Array.from(bytes);
          carried.push({ topic, bytes: copy });
          for (const subscriber of subscribers) {
            if (subscriber.topic === topic) setImmediate(() => subscriber.onBytes(copy));
          }
        },
        subscribe(topic, onBytes) {
          const subscriber = { topic, onBytes };
          own.add(subscriber);
          subscribers.add(subscriber);
        },
        onChange: listener => void listeners.add(listener),
        async close() {
          for (const subscriber of own) subscribers.delete(subscriber);
        },
      };
    },
  };
}
