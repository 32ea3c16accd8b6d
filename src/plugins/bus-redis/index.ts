import { type Clock, systemClock } from '../../core/clock.ts';
import type { Bus } from '../../core/fleet/bus.ts';
import { openRedisLink } from './redis-link.ts';

const PREFIX = 'sessiongraph/v1/';
/** What may be on its way to a server that takes its time: beyond that it is dropped. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

export interface RedisBusOptions {
  /** `redis://[[USER]:PASSWORD@]HOST[:PORT]`, or `rediss://`. */
  readonly url: string;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Why the bus is down, as often as that is tried. The message names no secret. */
  readonly onError?: (error: Error) => void;
}

/**
 * Redis pub/sub, on two connections: one that listens cannot speak. Returns at once; the server may be away and come
 * later.
 */
export function openRedisBus({
  url,
  clock = systemClock,
  random = Math.random,
  onError = () => {},
}: RedisBusOptions): Bus {
  const topics = new Map<string, (bytes: Uint8Array) => void>();
  const listeners: ((isUp: boolean) => void)[] = [];
  let wasUp = false;
  let unsentBytes = 0;
  let dropped = 0;

  function onChange(): void {
    const isUp = speaker.isUp && listener.isUp;
    if (isUp === wasUp) return;
    wasUp = isUp;
    for (const listen of listeners) listen(isUp);
  }

  const shared = { url, clock, random, onChange, onError };
  const speaker = openRedisLink({ ...shared, prepare: client => client.ping() });
  const listener = openRedisLink({
    ...shared,
    prepare: async client => topics.size > 0 && client.subscribe(...[...topics.keys()].map(channelOf)),
  });
  listener.client.on('messageBuffer', (channel: Buffer, bytes: Buffer) => {
    topics.get(channel.toString().slice(PREFIX.length))?.(bytes);
  });

  return {
    get isUp() {
      return wasUp;
    },
    get dropped() {
      return dropped;
    },
    onChange: listen => void listeners.push(listen),

    publish(topic, bytes) {
      if (!wasUp || unsentBytes + bytes.length > MAX_UNSENT_BYTES) {
        dropped += 1;
        return;
      }
      unsentBytes += bytes.length;
      speaker.client
        .publish(channelOf(topic), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
        .catch(() => {
          dropped += 1;
        })
        .finally(() => {
          unsentBytes -= bytes.length;
        });
    },

    subscribe(topic, onBytes) {
      topics.set(topic, onBytes);
      if (listener.isUp) listener.client.subscribe(channelOf(topic)).catch(onError);
    },

    /** What was published before is on its way first. */
    async close() {
      if (speaker.isUp) await Promise.race([speaker.client.ping().catch(() => {}), clock.sleep(500)]);
      speaker.close();
      listener.close();
    },
  };
}

const channelOf = (topic: string) => `${PREFIX}${topic}`;
