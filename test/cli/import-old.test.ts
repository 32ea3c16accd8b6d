import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logImport } from '../../src/import/import-log.ts';
import { asText, linkedCreds } from '../import/old-writers.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/old-services.ts';
import { ENCRYPTION_SECRET } from '../support/server-process.ts';
import { runCli } from './run-cli.ts';

let folder: string;
let environment: Record<string, string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessiongraph-import-old-'));
  environment = {
    WHATSAPP_AUTH_DIR: join(folder, 'whatsapp_auth'),
    SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isThere = hasRedis();

describe.skipIf(!isThere)(`import from Redis${isThere ? '' : ' (no redis-server on the PATH)'}`, () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis('hunter2');
    redis.cli('SET', 'whatsapp:creds', asText(linkedCreds()));
  });
  afterEach(() => redis.stop());

  it('says what it would do, does it once, and says what is missing', async () => {
    const planned = await runCli(['import', '--redis', redis.url, '--dry-run'], environment);
    expect(planned).toMatchObject({ code: 0, errors: '' });
    expect(planned.output).toMatch(
      /^would import default: 1 entry from redis whatsapp:creds\..*no signal keys/,
    );
    expect(planned.output).not.toContain('hunter2');

    const done = await runCli(['import', '--json'], { ...environment, REDIS_URL: redis.url });
    expect(JSON.parse(done.output)).toMatchObject({
      dryRun: false,
      imported: [{ sessionId: 'default', completeness: 'credentials-only', counts: { creds: 1 } }],
      refused: [],
    });
    const again = await runCli(['import', '--redis', redis.url], environment);
    expect(again).toMatchObject({ code: 0, output: 'There is nothing to import.\n' });
  });

  it('looks into no database where a folder is named', async () => {
    const { output } = await runCli(['import', folder], { ...environment, REDIS_URL: redis.url });
    expect(output).toBe('There is nothing to import.\n');
  });

  it('fails where what is there is damaged', async () => {
    redis.cli('SET', 'whatsapp:creds', '{"noiseKey":');
    const { code, output, errors } = await runCli(['import', '--redis', redis.url], environment);
    expect(code).toBe(1);
    expect(output).toMatch(/^✗ session default: redis whatsapp:creds was cut off/);
    expect(errors).toContain('1 could not be taken over');
  });
});

it('import fails where a source cannot be asked, without its password', async () => {
  const { code, output } = await runCli(['import', '--redis', 'redis://:hunter2@127.0.0.1:1'], environment);
  expect(code).toBe(1);
  expect(output).toMatch(/^✗ redis whatsapp:creds: .*ECONNREFUSED/);
  expect(output).not.toContain('hunter2');
});

it('the log of an import says that no signal keys came with it', () => {
  const lines: unknown[] = [];
  const log = {
    info: (fields: object) => void lines.push(fields),
    warn: (fields: object) => void lines.push(fields),
  };
  const found = {
    kind: 'imported',
    sessionId: 'shop',
    source: 's',
    place: 'p',
    counts: { creds: 1 },
    leftOut: [],
  } as const;
  logImport({ ...found, completeness: 'credentials-only' }, log);
  expect(lines).toMatchObject([
    { event: 'session.imported', completeness: 'credentials-only' },
    { event: 'session.imported', advice: expect.stringContaining('no signal keys') },
    { event: 'session.imported', advice: expect.stringContaining('Stop the program') },
  ]);
  lines.length = 0;
  logImport({ ...found, completeness: 'whole' }, log);
  expect(lines).toHaveLength(2);
});
