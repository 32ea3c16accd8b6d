import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTidbSource } from '../../../src/plugins/source-tidb/index.ts';
import { inBaileysEncoding, linkedCreds, rowContent, sealedRow } from '../../import/old-writers.ts';
import { ownDatabaseName } from '../../support/old-services.ts';
import { makeOldTable, tidbOf, writeOldRow } from '../../support/old-tidb.ts';
import { describeWithService } from '../../support/services.ts';
import { startSilentServer } from '../../support/silent-server.ts';

const SECRET = 'e'.repeat(64);
const creds = linkedCreds();

describeWithService('mariadb', 'rows of an older system', ({ url }) => {
  const place = tidbOf(url, ownDatabaseName());
  const source = createTidbSource({ ...place, secrets: ['f'.repeat(64), SECRET] });
  let connection: Connection;

  beforeAll(async () => {
    connection = await createConnection(url);
  });
  beforeEach(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${place.database}`);
    await connection.query(`CREATE DATABASE ${place.database}`);
    await connection.query(`USE ${place.database}`);
  });
  afterAll(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${place.database}`);
    await connection.end();
  });

  it('are none in a database without the table, which is not made', async () => {
    expect(await source.list()).toEqual({ sessionIds: [], unusable: [] });
    expect(await source.load('personal')).toBeUndefined();
    const [tables] = await connection.query<RowDataPacket[]>('SHOW TABLES');
    expect(tables).toEqual([]);
  });

  it.each([
    ['the secret that is set', SECRET],
    ['the secret that nobody had set', 'whiskeysocket-default-secret'],
  ])('are read under %s, and not altered', async (_, secret) => {
    await makeOldTable(connection);
    await writeOldRow(connection, 'personal', sealedRow('personal', secret, rowContent(creds)));
    const before = await everything();

    expect(await source.list()).toEqual({ sessionIds: ['personal'], unusable: [] });
    const found = await source.load('personal');
    expect(found).toMatchObject({
      place: 'tidb whatsapp_sessions/personal',
      completeness: 'credentials-only',
      leftOut: [],
    });
    expect(JSON.parse(Buffer.from(found?.entries[0]?.value ?? []).toString())).toEqual(
      inBaileysEncoding(creds),
    );
    expect(await everything()).toEqual(before);
  });

  it('under another secret are refused, with what to do and without any secret', async () => {
    await makeOldTable(connection);
    await writeOldRow(connection, 'personal', sealedRow('personal', 'forgotten', rowContent(creds)));
    const error = await source.load('personal').catch(failure => failure);
    expect(error).toMatchObject({
      code: 'DECRYPTION_FAILED',
      message: expect.stringMatching(/^tidb whatsapp_sessions\/personal is there.*SESSION_ENCRYPTION_SECRET/),
    });
    expect(error.message).not.toMatch(/eeee|ffff|default-secret/);
  });

  it('that are damaged are never taken for absent; without a linked login they are', async () => {
    await makeOldTable(connection);
    const { account: _, ...fresh } = creds;
    const whole = sealedRow('cut', SECRET, rowContent(creds));
    await writeOldRow(connection, 'cut', whole.slice(0, -7));
    await writeOldRow(connection, 'empty', '');
    await writeOldRow(connection, 'no-creds', sealedRow('no-creds', SECRET, { timestamp: 1 }));
    await writeOldRow(connection, 'fresh', sealedRow('fresh', SECRET, rowContent(fresh as typeof creds)));
    for (const id of ['cut', 'empty', 'no-creds']) {
      await expect(source.load(id)).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
    }
    expect(await source.load('fresh')).toBeUndefined();
  });

  it('of another session are not found where the table ignores case', async () => {
    await makeOldTable(connection);
    await writeOldRow(connection, 'personal', sealedRow('personal', SECRET, rowContent(creds)));
    expect(await source.load('Personal')).toBeUndefined();
    expect(await source.load('personal')).toBeDefined();
  });

  it('with ids that cannot be kept are named', async () => {
    await makeOldTable(connection);
    await writeOldRow(connection, 'my shop', 'x');
    expect(await source.list()).toMatchObject({
      sessionIds: [],
      unusable: [{ place: 'tidb whatsapp_sessions/"my shop"', why: expect.stringContaining('1 to 128') }],
    });
  });

  it('are none in a table of that name that somebody else made, which is named', async () => {
    await connection.query('CREATE TABLE whatsapp_sessions (sid INT)');
    expect(await source.load('personal')).toBeUndefined();
    expect(await source.list()).toMatchObject({
      sessionIds: [],
      unusable: [{ place: 'tidb whatsapp_sessions' }],
    });
  });

  it('cannot be asked for with a wrong password, or in a database that is not there', async () => {
    const wrong = createTidbSource({ ...place, user: 'ada', password: 'hunter2', secrets: [] });
    const error = await wrong.list().catch(failure => failure);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(error.message).toContain('ER_ACCESS_DENIED');
    expect(error.message).not.toMatch(/ada|hunter2/);
    const elsewhere = createTidbSource({ ...place, database: 'not_there', secrets: [] });
    await expect(elsewhere.load('personal')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  const everything = async () => (await connection.query('SELECT * FROM whatsapp_sessions'))[0];
});

const nowhere = {
  host: '127.0.0.1',
  user: 'ada',
  password: 'hunter2',
  database: 'crm',
  secrets: [],
} as const;

it.each(['on', 'off'] as const)('a server that is not there is no empty one, TLS %s', async tls => {
  const source = createTidbSource({ ...nowhere, port: 1, tls, limitMs: 300 });
  await expect(source.load('shop')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(source.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

it('a server that is silent is waited for no longer than the limit', async () => {
  const silent = await startSilentServer();
  const source = createTidbSource({ ...nowhere, port: silent.port, tls: 'off', limitMs: 300 });
  await expect(source.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await silent.close();
});
