import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createMongoSource } from '../../../src/plugins/source-mongo/index.ts';
import {
  asDocument,
  asText,
  asTextOfDocument,
  inBaileysEncoding,
  linkedCreds,
  oldDocument,
} from '../../import/old-writers.ts';
import { ownDatabaseName } from '../../support/old-services.ts';
import { describeWithService } from '../../support/services.ts';
import { startSilentServer } from '../../support/silent-server.ts';

const creds = linkedCreds();

describeWithService('mongodb', 'documents of an older system', ({ url }) => {
  const uri = withDatabase(url, ownDatabaseName());
  const client = new MongoClient(uri);
  const documents = client.db().collection('whatsapp_sessions');
  const source = createMongoSource({ uri });

  beforeAll(() => client.connect());
  beforeEach(() => client.db().dropDatabase());
  afterAll(async () => {
    await client.db().dropDatabase();
    await client.close();
  });

  it('are none in a database without the collection, which is not made', async () => {
    expect(await source.list()).toEqual({ sessionIds: [], unusable: [] });
    expect(await source.load('default')).toBeUndefined();
    expect(await client.db().listCollections().toArray()).toEqual([]);
  });

  it.each([
    ['a document', asDocument(creds)],
    ['text', asText(creds)],
    ['text made of a document', asTextOfDocument(creds)],
  ])('are read where the credentials are %s, and not altered', async (_, credentials) => {
    await documents.createIndex({ sessionId: 1 }, { unique: true });
    await documents.insertOne(oldDocument('default', credentials));
    const before = await rawContent();

    expect(await source.list()).toEqual({ sessionIds: ['default'], unusable: [] });
    const found = await source.load('default');
    expect(found).toMatchObject({
      place: 'mongodb whatsapp_sessions/default',
      completeness: 'credentials-only',
      leftOut: [],
    });
    expect(found?.entries).toMatchObject([{ type: 'creds', id: '' }]);
    expect(JSON.parse(Buffer.from(found?.entries[0]?.value ?? []).toString())).toEqual(
      inBaileysEncoding(creds),
    );
    expect(await rawContent()).toEqual(before);
  });

  it('that cannot become sessions are named', async () => {
    await documents.insertMany([
      oldDocument('Shop.1', asText(creds)),
      oldDocument('my shop', asText(creds)),
      oldDocument('../x', asText(creds)),
      { somebody: 'else' },
      { sessionId: 7 },
    ]);
    const { sessionIds, unusable } = await source.list();
    expect(sessionIds).toEqual(['Shop.1']);
    expect(unusable.map(({ place }) => place)).toEqual([
      'mongodb whatsapp_sessions/"my shop"',
      'mongodb whatsapp_sessions/"../x"',
      'mongodb whatsapp_sessions/null',
      'mongodb whatsapp_sessions/7',
    ]);
  });

  it('that are damaged are never taken for absent; without a linked login they are', async () => {
    const { account: _, ...fresh } = creds;
    await documents.insertMany([
      oldDocument('cut', asText(creds).slice(0, 500)),
      oldDocument('empty', {}),
      oldDocument('none', null),
      oldDocument('fresh', JSON.stringify(fresh)),
    ]);
    await expect(source.load('cut')).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
    await expect(source.load('empty')).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
    expect(await source.load('none')).toBeUndefined();
    expect(await source.load('fresh')).toBeUndefined();
  });

  it('count once where the unique index was never made: the newest', async () => {
    const newest = { ...oldDocument('shop', asText(linkedCreds('15550009'))), updatedAt: new Date() };
    await documents.insertMany([
      oldDocument('shop', asText(creds)),
      newest,
      oldDocument('shop', asText(creds)),
    ]);
    expect((await source.list()).sessionIds).toEqual(['shop']);
    const found = await source.load('shop');
    expect(Buffer.from(found?.entries[0]?.value ?? []).toString()).toContain('15550009');
  });

  const rawContent = async () =>
    (await documents.find({}, { raw: true }).toArray()).map(bytes =>
      Buffer.from(bytes as never).toString('hex'),
    );
});

it('a server that is not there is no empty one, and its password stays secret', async () => {
  const source = createMongoSource({ uri: 'mongodb://ada:hunter2@127.0.0.1:1/db', limitMs: 300 });
  const error = await source.load('shop').catch(failure => failure);
  expect(error).toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('mongodb whatsapp_sessions'),
  });
  expect(error.message).not.toMatch(/hunter2|ada/);
  await expect(source.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

it('a server that is silent is waited for no longer than the limit', async () => {
  const silent = await startSilentServer();
  const source = createMongoSource({ uri: `mongodb://127.0.0.1:${silent.port}/db`, limitMs: 300 });
  await expect(source.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await silent.close();
});

it('an address that is none is refused without repeating it', async () => {
  const error = await createMongoSource({ uri: 'ada:hunter2@nowhere' })
    .list()
    .catch(failure => failure);
  expect(error.code).toBe('STORE_UNAVAILABLE');
  expect(`${error} ${error.cause}`).not.toContain('hunter2');
});

function withDatabase(base: string, name: string): string {
  const parsed = new URL(base);
  parsed.pathname = `/${name}`;
  return parsed.href;
}
