import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { CREDS } from '../../src/core/baileys/auth-state.ts';
import { encodeBaileys } from '../../src/core/baileys/codec.ts';
import type { SessionRecord } from '../../src/core/vault/session-record.ts';
import { openVault } from '../../src/open-vault.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { inBaileysEncoding, linkedCreds } from '../import/old-writers.ts';
import { createServerWorld } from '../support/server-world.ts';
import { runCli } from './run-cli.ts';

const SECRET = '5e'.repeat(32);
const RECORD: SessionRecord = { createdAt: 0, desiredState: 'RUNNING', excludedStores: [] };
const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

let folder: string;
let first: string;
let second: string;
let endpoint: Server;
let aheadMs: number;
let environment: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessiongraph-doctor-'));
  [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await Promise.all([first, second].map(path => mkdir(path, { mode: 0o700 })));
  aheadMs = 0;
  endpoint = createServer((_, response) => {
    response.setHeader('Date', new Date(Date.now() - aheadMs).toUTCString()).end();
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  environment = {
    // Nobody listens there: what is looked at are the stores.
    PORT: '1',
    WHATSAPP_AUTH_DIR: first,
    STORES: `file,file:${second}`,
    WHATSAPP_WS_URL: `ws://127.0.0.1:${(endpoint.address() as AddressInfo).port}/ws`,
    SESSION_ENCRYPTION_SECRET: SECRET,
  };
});
afterEach(async () => {
  endpoint.close();
  await rm(folder, { recursive: true, force: true });
});

async function diagnose(more: Record<string, string> = {}) {
  const { code, output } = await runCli(['doctor', '--json'], { ...environment, ...more });
  const { healthy, checks } = JSON.parse(output) as {
    healthy: boolean;
    checks: { findings: { level: string; code: string; what: string; fix: string }[] }[];
  };
  const findings = checks.flatMap(check => check.findings);
  expect(healthy).toBe(!findings.some(({ level }) => level === 'problem'));
  expect(code).toBe(healthy ? 0 : 1);
  for (const { fix } of findings) expect(fix).not.toBe('');
  return findings;
}

/** What is found, with the level of each. */
const codes = async (more: Record<string, string> = {}) =>
  (await diagnose(more)).map(({ level, code }) => `${level} ${code}`);

async function makeSession(id: string, record: Partial<SessionRecord> = {}, isLinked = true) {
  const { vault, chain } = await openVault(readConfig(environment));
  const creds = isLinked ? [{ type: CREDS, id: '', value: encodeBaileys(linkedCreds()) }] : [];
  const session = await vault.create({
    sessionId: id,
    record: { ...RECORD, ...record },
    entries: creds,
    onFailure: () => {},
  });
  await session.close();
  await chain.close();
}

describe('where all is well', () => {
  it('it says so, ends with 0, and leaves nothing behind in the directories', async () => {
    await makeSession('shop');
    expect(await codes()).toEqual([]);
    expect(await readdir(first)).toEqual(['.sessiongraph']);
    const { code, output, errors } = await runCli(['doctor'], environment);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(
      output
        .trim()
        .split('\n')
        .every(line => line.startsWith('✓ ')),
    ).toBe(true);
  });

  it('a server that runs is asked, and holds its directories rightly', async () => {
    const world = await createServerWorld();
    try {
      const server = await world.start({ AUTH_JWT_SECRET: 'a'.repeat(32) });
      const around = {
        PORT: new URL(server.api.url).port,
        AUTH_JWT_SECRET: 'a'.repeat(32),
        WHATSAPP_AUTH_DIR: world.firstStore,
        STORES: `file,file:${world.secondStore}`,
      };
      expect(await codes(around)).toEqual([]);
      expect(await codes({ ...around, AUTH_JWT_SECRET: 'b'.repeat(32) })).toEqual(['note SESSIONS_UNKNOWN']);
    } finally {
      await world.close();
    }
  });
});

describe('settings', () => {
  it('a secret that is not set', async () => {
    expect(await codes({ SESSION_ENCRYPTION_SECRET: '' })).toEqual(['problem SECRET_NOT_SET']);
  });

  it('a variable that makes no sense', async () => {
    expect(await codes({ WRITE_ACK: 'third' })).toEqual(['problem ENVIRONMENT_BAD']);
  });

  it.each([600_000, -600_000])('a clock that is %i ms ahead', async ms => {
    aheadMs = ms;
    expect(await codes()).toEqual(['problem CLOCK_SKEW']);
  });

  it('a network without WhatsApp', async () => {
    expect(await codes({ WHATSAPP_WS_URL: 'ws://127.0.0.1:1/ws' })).toEqual(['problem WHATSAPP_UNREACHABLE']);
  });
});

describe('directories', () => {
  it('one that is not there is made by the first start, and not by the doctor', async () => {
    await rm(second, { recursive: true });
    expect(await codes()).toEqual(['note DIRECTORY_MISSING', 'note SESSIONS_UNKNOWN']);
    await expect(stat(second)).rejects.toThrow('ENOENT');
  });

  it('one that is a file', async () => {
    await rm(second, { recursive: true });
    await writeFile(second, '');
    expect(await codes()).toContain('problem DIRECTORY_UNUSABLE');
  });

  it('one that another process has open, which is named', async () => {
    const store = await openFileStore({ name: 'file', directory: first });
    const findings = await diagnose();
    await store.close();
    const locked = findings.find(({ code }) => code === 'DIRECTORY_LOCKED');
    expect(locked?.what).toContain(`process ${process.pid} on `);
    expect(findings.map(({ code }) => code)).toEqual(['DIRECTORY_LOCKED', 'SESSIONS_UNKNOWN']);
  });

  it('a secret that others may read', async () => {
    await makeSession('shop');
    await writeFile(join(first, '.sessiongraph', 'token-secret'), 'secret\n');
    await chmod(join(first, '.sessiongraph', 'token-secret'), 0o644);
    expect(await codes()).toEqual(['problem OPEN_TO_OTHERS']);
  });

  it('one store alone is worth a word', async () => {
    expect(await codes({ STORES: 'file' })).toEqual(['note ONE_STORE']);
  });

  it('one that the user may not write', async () => {
    await chmod(first, 0o500);
    // Nobody is kept from anything while root.
    if (process.getuid?.() === 0) process.seteuid?.(65_534);
    try {
      expect(await codes()).toContain('problem DIRECTORY_DENIED');
    } finally {
      if (process.getuid?.() === 0) process.seteuid?.(0);
    }
  });

  describe.skipIf(!isLinuxRoot)(`on disks of their own${isLinuxRoot ? '' : ' (needs root on Linux)'}`, () => {
    const mount = (...args: string[]) => execFileSync('mount', args);
    afterEach(() => execFileSync('umount', [second]));

    it('one whose disk is full', async () => {
      mount('-t', 'tmpfs', '-o', 'size=128k,mode=700', 'tmpfs', second);
      expect(await codes()).toContain('problem DISK_FULL');
    });

    it('one whose disk can only be read', async () => {
      mount('-t', 'tmpfs', '-o', 'ro,size=32m,mode=700', 'tmpfs', second);
      expect(await codes()).toContain('problem DISK_READ_ONLY');
    });
  });
});

describe('stores and sessions', () => {
  it('a database that does not answer', async () => {
    const tidb = { TIDB_HOST: '127.0.0.1', TIDB_PORT: '1', STORES: `file,file:${second},tidb` };
    const found = await codes(tidb);
    // The same database is also asked for sessions of an older system.
    expect(found).toEqual(['problem STORE_UNREACHABLE', 'problem OLD_REFUSED']);
  });

  it('copies under another secret', async () => {
    await makeSession('shop');
    const findings = await diagnose({ SESSION_ENCRYPTION_SECRET: '77'.repeat(32) });
    expect(findings.map(({ code }) => code)).toEqual(['WRONG_SECRET', 'WRONG_SECRET']);
    expect(findings[0]?.what).toContain('The copy of shop in file');
  });

  it('a copy that is damaged in the middle', async () => {
    await makeSession('shop');
    const sessions = join(second, '.sessiongraph', 'sessions');
    const [session = ''] = await readdir(sessions);
    const log = await open(join(sessions, session, 'log'), 'r+');
    await log.write(Buffer.alloc(8, 0xff), 0, 8, 40);
    await log.close();
    expect(await codes()).toEqual(['problem COPY_CORRUPT']);
  });

  it('a copy that is gone', async () => {
    await makeSession('shop');
    await rm(join(second, '.sessiongraph', 'sessions'), { recursive: true });
    expect(await codes()).toEqual(['note COPY_MISSING']);
  });

  it('a login that the phone has ended', async () => {
    await makeSession('shop', { loggedOutAt: 1 });
    const [finding] = await diagnose();
    expect(finding).toMatchObject({ level: 'problem', code: 'LOGGED_OUT' });
    expect(finding?.fix).toContain('logoutSession, then startSession');
  });

  it('one that somebody stopped, and one that nobody linked', async () => {
    await makeSession('shop', { desiredState: 'STOPPED' });
    await makeSession('unlinked', {}, false);
    expect(await codes()).toEqual(['note STOPPED', 'note NOT_LINKED']);
  });

  it('folders of Baileys: one that waits, one that is cut off, one where nobody looks', async () => {
    const creds = JSON.stringify(inBaileysEncoding(linkedCreds()));
    const places = [join(first, 'old'), join(first, 'cut'), join(folder, 'auth_info_baileys')];
    for (const place of places) {
      await mkdir(place);
      await writeFile(join(place, 'creds.json'), place.endsWith('cut') ? creds.slice(0, 99) : creds);
    }
    expect(await codes()).toEqual(['note OLD_WAITING', 'problem OLD_REFUSED', 'problem OLD_ELSEWHERE']);
  });
});
