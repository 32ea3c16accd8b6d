import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisSource } from '../../../src/plugins/source-redis/index.ts';
import { asText, asTextOfDocument, inBaileysEncoding, linkedCreds } from '../../import/old-writers.ts';
import { hasRedis, type RedisServer, startRedis } from '../../support/old-services.ts';
import { startSilentServer } from '../../support/silent-server.ts';

const isThere = hasRedis();
const creds = linkedCreds();
const PASSWORD = 'p@ss:word/with?all';

describe.skipIf(!isThere)(
  `the key of an older system${isThere ? '' : ' (no redis-server on the PATH)'}`,
  () => {
    let redis: RedisServer;
    const source = () => createRedisSource({ url: redis.url });

    beforeAll(async () => {
      redis = await startRedis(PASSWORD);
    });
    afterAll(() => redis.stop());

    it('is absent', async () => {
      expect(await source().list()).toEqual({ sessionIds: [], unusable: [] });
      expect(await source().load('default')).toBeUndefined();
    });

    it.each([
      ['text', asText(creds)],
      ['text made of a document', asTextOfDocument(creds)],
    ])('is the session default where it is %s, and not altered', async (_, value) => {
      redis.cli('SETEX', 'whatsapp:creds', '2592000', value);
      expect(await source().list()).toEqual({ sessionIds: ['default'], unusable: [] });
      const found = await source().load('default');
      expect(found).toMatchObject({ place: 'redis whatsapp:creds', completeness: 'credentials-only' });
      expect(JSON.parse(Buffer.from(found?.entries[0]?.value ?? []).toString())).toEqual(
        inBaileysEncoding(creds),
      );
      expect(await source().load('shop')).toBeUndefined();
      expect(redis.cli('GET', 'whatsapp:creds')).toBe(value);
      expect(Number(redis.cli('TTL', 'whatsapp:creds'))).toBeGreaterThan(2_591_000);
    });

    it('that is damaged is never taken for absent', async () => {
      redis.cli('SET', 'whatsapp:creds', asText(creds).slice(0, 300));
      await expect(source().load('default')).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
      redis.cli('DEL', 'whatsapp:creds');
      redis.cli('LPUSH', 'whatsapp:creds', 'x');
      await expect(source().load('default')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      redis.cli('DEL', 'whatsapp:creds');
    });

    it('cannot be asked for with a wrong password, or without one', async () => {
      const error = await createRedisSource({ url: `redis://:hunter2@127.0.0.1:${redis.port}/3` })
        .list()
        .catch(failure => failure);
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(error.message).toContain('WRONGPASS');
      expect(error.message).not.toContain('hunter2');
      const without = createRedisSource({ url: `redis://127.0.0.1:${redis.port}` });
      await expect(without.list()).rejects.toThrow('NOAUTH');
    });
  },
);

it.each(['redis://127.0.0.1:1', 'rediss://127.0.0.1:1'])(
  'a server that is not there is no empty one: %s',
  async url => {
    await expect(createRedisSource({ url }).load('default')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  },
);

it('a server that is silent is waited for no longer than the limit', async () => {
  const silent = await startSilentServer();
  const source = createRedisSource({ url: `redis://127.0.0.1:${silent.port}`, limitMs: 300 });
  await expect(source.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await silent.close();
});

it('an address that is none is refused without repeating it', async () => {
  const error = await createRedisSource({ url: 'redis://:hunter2@[' })
    .list()
    .catch(failure => failure);
  expect(error.code).toBe('STORE_UNAVAILABLE');
  expect(JSON.stringify([error, error.message, error.cause])).not.toContain('hunter2');
});
