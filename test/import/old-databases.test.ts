import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuthenticationCreds, BufferJSON } from '@whiskeysockets/baileys';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImportReport } from '../../src/core/vault/session-import.ts';
import { type OldPlaces, oldSourcesOf } from '../../src/old-sources.ts';
import { until } from '../support/condition.ts';
import { hasRedis, ownDatabaseName, startRedis } from '../support/old-services.ts';
import { makeOldTable, tidbOf, writeOldRow } from '../support/old-tidb.ts';
import { serviceOf } from '../support/services.ts';
import { collectTexts, waitForStatus } from '../support/session-scene.ts';
import { createImportScene, type ImportScene } from './import-scene.ts';
import { createOldBot, pairOldBot } from './old-bot.ts';
import { asDocument, asText, oldDocument, rowContent, sealedRow } from './old-writers.ts';

const SECRET = 'e'.repeat(64);

/** One of the places where an older system kept a session: filled as that system filled it. */
interface OldPlace {
  readonly places: Omit<OldPlaces, 'authDirectory' | 'secrets'>;
  readonly place: string;
  /** All that is there, to see that nothing of it was touched. */
  content(): Promise<string>;
  remove(): Promise<void>;
}

type Fill = (id: string, creds: AuthenticationCreds) => Promise<OldPlace>;

async function fillMongo(url: string, id: string, credentials: unknown): Promise<OldPlace> {
  const uri = new URL(url);
  uri.pathname = `/${ownDatabaseName()}`;
  const client = await new MongoClient(uri.href).connect();
  const documents = client.db().collection('whatsapp_sessions');
  await documents.insertOne(oldDocument(id, credentials));
  return {
    places: { mongo: { uri: uri.href } },
    place: `mongodb whatsapp_sessions/${id}`,
    content: async () => Buffer.from((await documents.findOne({}, { raw: true })) as never).toString('hex'),
    async remove() {
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

async function fillTidb(url: string, id: string, creds: AuthenticationCreds): Promise<OldPlace> {
  const tidb = tidbOf(url, ownDatabaseName());
  const connection = await createConnection(url);
  await connection.query(`CREATE DATABASE ${tidb.database}`);
  await connection.query(`USE ${tidb.database}`);
  await makeOldTable(connection);
  await writeOldRow(connection, id, sealedRow(id, SECRET, rowContent(creds)));
  return {
    places: { tidb },
    place: `tidb whatsapp_sessions/${id}`,
    content: async () => JSON.stringify((await connection.query('SELECT * FROM whatsapp_sessions'))[0]),
    async remove() {
      await connection.query(`DROP DATABASE ${tidb.database}`);
      await connection.end();
    },
  };
}

async function fillRedis(creds: AuthenticationCreds): Promise<OldPlace> {
  const redis = await startRedis('secret');
  const read = () => redis.cli('GET', 'whatsapp:creds');
  redis.cli('SETEX', 'whatsapp:creds', '2592000', asText(creds));
  return {
    places: { redisUrl: redis.url },
    place: 'redis whatsapp:creds',
    content: async () => read(),
    remove: () => redis.stop(),
  };
}

const urlOf = async (name: 'mongodb' | 'mariadb') => (await serviceOf(name))?.url ?? '';
const [mongo, mariadb] = [await urlOf('mongodb'), await urlOf('mariadb')];
const SYSTEMS: readonly [name: string, isThere: boolean, id: string, fill: Fill][] = [
  ['a document', mongo !== '', 'default', (id, creds) => fillMongo(mongo, id, asDocument(creds))],
  ['text in a document', mongo !== '', 'shop', (id, creds) => fillMongo(mongo, id, asText(creds))],
  ['an encrypted row', mariadb !== '', 'personal', (id, creds) => fillTidb(mariadb, id, creds)],
  ['a Redis key', hasRedis(), 'default', (_, creds) => fillRedis(creds)],
];

describe.each(SYSTEMS)('%s of an older system (its server is there: %s)', (_, isThere, id, fill) => {
  let scene: ImportScene;
  let folder: string;
  let old: OldPlace | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sessiongraph-old-'));
    scene = await createImportScene(authDirectory =>
      oldSourcesOf({ authDirectory, secrets: [SECRET], ...old?.places }),
    );
  });
  afterEach(async () => {
    await scene.close();
    await old?.remove();
    old = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  /** What the older system had saved when its server was lost with all its files. */
  async function leaveBehind(): Promise<OldPlace> {
    const bot = createOldBot(scene.simulator.url, folder);
    await pairOldBot(bot, scene.phone, scene.contact);
    await bot.stop();
    old = await fill(id, JSON.parse(await readFile(join(folder, 'creds.json'), 'utf8'), BufferJSON.reviver));
    return old;
  }

  it.skipIf(!isThere)('goes on without a QR code, once, and is not altered', async () => {
    const { simulator, phone, contact, reports } = scene;
    const { place, content } = await leaveBehind();
    const before = await content();
    const qrCodes = simulator.qrCodesIssued;

    const manager = await scene.start();
    const texts = collectTexts(manager);
    const { phoneNumber } = await waitForStatus(manager, id, 'CONNECTED');
    expect(phoneNumber).toBe('+15550001');
    await contact.sendText(phone, 'after');
    await until('the next message arrives, by a retry', () => texts.includes('after'));
    await manager.sendText({ id, to: contact.jid, text: 'here again' });
    await contact.waitForText('here again', 5);

    expect(reports).toMatchObject([
      { kind: 'imported', sessionId: id, place, completeness: 'credentials-only', counts: { creds: 1 } },
    ]);
    const { events } = await manager.readHistory(id, { first: 20 });
    const noted = events.find(({ reason }) => reason?.code === 'IMPORTED');
    expect(noted?.reason?.message).toMatch(/no signal keys/);
    expect(simulator.qrCodesIssued).toBe(qrCodes);
    // The signal session that the contact had is gone; nothing else is amiss.
    expect(new Set(simulator.anomalies.map(({ kind }) => kind))).toEqual(new Set(['retry-receipt']));
    expect(await content()).toBe(before);

    await scene.stop();
    reports.length = 0;
    await waitForStatus(await scene.start(), id, 'CONNECTED');
    expect(reports).toEqual([] satisfies ImportReport[]);
  });

  it.skipIf(!isThere)('does not come back when it was deleted', async () => {
    await leaveBehind();
    const manager = await scene.start();
    await waitForStatus(manager, id, 'CONNECTED');
    await manager.deleteSession({ id });
    await scene.stop();
    scene.reports.length = 0;

    const next = await scene.start();
    expect(await next.readSession(id)).toBeUndefined();
    expect(scene.reports).toEqual([]);
    expect(await next.createSession({ id })).toMatchObject({ linked: false });
  });
});
