import { Redis } from 'ioredis';
import type { Clock } from '../../core/clock.ts';

const CONNECT_MS = 5_000;
const CHECK_MS = 3_000;
const LONGEST_PAUSE_MS = 2_000;
/** How long a connection that was given up may take to say goodbye before it is cut. */
const GOODBYE_MS = 300;

/** One connection that is made again whenever it is lost, and known to be up only once the server has answered on it. */
export interface RedisLink {
  readonly client: Redis;
  readonly isUp: boolean;
  close(): void;
}

export interface RedisLinkOptions {
  /** `redis://[[USER]:PASSWORD@]HOST[:PORT]`, or `rediss://`. */
  readonly url: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** What makes a new connection useful; resolves when the server has answered. */
  readonly prepare: (client: Redis) => Promise<unknown>;
  readonly onChange: () => void;
  /** Why it is down. The message names no secret. */
  readonly onError: (error: Error) => void;
}

export function openRedisLink({
  url,
  clock,
  random,
  prepare,
  onChange,
  onError,
}: RedisLinkOptions): RedisLink {
  const client = new Redis(url, {
    // Nothing waits for a server that is away, and nothing is sent twice: what is lost is lost at once.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // `prepare` subscribes, on every connection.
    autoResubscribe: false,
    // Answers to these would be the only ones that need more rights than pub/sub.
    enableReadyCheck: false,
    disableClientInfo: true,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: GOODBYE_MS,
    retryStrategy: attempt => LONGEST_PAUSE_MS * Math.min(1, attempt / 10) * (0.5 + random() / 2),
  });
  const closed = new AbortController();
  let isUp = false;

  function change(next: boolean): void {
    if (next === isUp) return;
    isUp = next;
    onChange();
  }

  /** Whoever is not answered in time has a connection that leads nowhere, whatever the system says of it. */
  async function answered(question: Promise<unknown>): Promise<boolean> {
    const over = new AbortController();
    const silence = clock.sleep(CHECK_MS, over.signal).then(() => false);
    const answer = question.then(
      () => true,
      error => {
        onError(error as Error);
        return false;
      },
    );
    return Promise.race([answer, silence]).finally(() => over.abort());
  }

  /** Follows one connection until it ends. */
  async function follow(): Promise<void> {
    const ended = new AbortController();
    client.once('close', () => {
      ended.abort();
      change(false);
    });
    let isGood = await answered(prepare(client));
    while (isGood && !ended.signal.aborted) {
      change(true);
      await clock.sleep(CHECK_MS, ended.signal);
      isGood = ended.signal.aborted || (await answered(client.ping()));
    }
    if (ended.signal.aborted || closed.signal.aborted) return;
    change(false);
    client.disconnect(true);
  }

  client.on('error', onError);
  client.on('ready', () => void follow());

  return {
    client,
    get isUp() {
      return isUp;
    },
    close() {
      closed.abort();
      client.disconnect();
    },
  };
}
