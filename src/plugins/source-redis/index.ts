import type { OldSource } from '../../core/old-source.ts';
import { askOldServer, OLD_SERVER_MS } from '../../import/ask-old-server.ts';
import { readCredentialsOnly } from '../../import/credentials-only.ts';
import { readRedisValue } from './redis-value.ts';

const KEY = 'whatsapp:creds';
const NAME = `redis ${KEY}`;
/** The older system had one session, and no name for it in the key. */
const SESSION = 'default';

export interface RedisSourceOptions {
  /** `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://`. */
  readonly url: string;
  readonly limitMs?: number;
}

/** The one key in which an older system kept the credentials of its session, for thirty days. Nothing is written. */
export function createRedisSource({ url, limitMs = OLD_SERVER_MS }: RedisSourceOptions): OldSource {
  const read = () => askOldServer(NAME, () => readRedisValue(url, KEY, limitMs), limitMs);
  return {
    name: NAME,
    async list() {
      return { sessionIds: (await read()) === undefined ? [] : [SESSION], unusable: [] };
    },
    async load(sessionId) {
      return sessionId === SESSION ? readCredentialsOnly(NAME, await read()) : undefined;
    },
  };
}
