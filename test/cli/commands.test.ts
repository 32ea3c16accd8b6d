import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mintToken } from '../../src/auth.ts';
import type { LinkedDevice } from '../../src/simulator/linked-device.ts';
import { createOldBot, pairOldBot } from '../import/old-bot.ts';
import { until } from '../support/condition.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { ENCRYPTION_SECRET, TOKEN_SECRET } from '../support/server-process.ts';
import { createServerWorld, SESSION, type ServerWorld, waitForStatus } from '../support/server-world.ts';
import { runCli, startCli } from './run-cli.ts';

let world: ServerWorld;
let server: ServerProcess;
let elsewhere: string;
let environment: Record<string, string>;
let device: LinkedDevice;
let served: ReturnType<typeof startCli> | undefined;

beforeAll(async () => {
  world = await createServerWorld();
  server = await world.start();
  elsewhere = await mkdtemp(join(tmpdir(), 'sessiongraph-cli-'));
  const request = { secret: TOKEN_SECRET, subject: 'cli', scopes: ['admin'] as const, ttlMs: 600_000 };
  environment = {
    SESSIONGRAPH_URL: server.api.url,
    SESSIONGRAPH_TOKEN: await mintToken(request),
    WHATSAPP_AUTH_DIR: world.firstStore,
    STORES: `file,file:${world.secondStore}`,
    SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
  };
});
afterAll(async () => {
  served?.kill('SIGKILL');
  await world.close();
  await rm(elsewhere, { recursive: true, force: true });
});

const json = async (...args: string[]) => {
  const { code, output, errors } = await runCli([...args, '--json'], environment);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return JSON.parse(output);
};

it('qr makes a session, shows its codes, and ends when a phone has scanned one', async () => {
  const lines: { data?: string; linked?: boolean }[] = [];
  const ran = runCli(['qr', SESSION, '--json'], environment, line => lines.push(JSON.parse(line)));
  device = await world.phone.scan((await until('a code is shown', () => lines[0]?.data)) ?? '');
  expect((await ran).code).toBe(0);
  expect(lines.at(-1)).toEqual({ linked: true, phoneNumber: '+15550001' });
  await waitForStatus(server.api, 'CONNECTED');
  await device.online();
  const { output } = await runCli(['qr', SESSION], environment);
  expect(output).toBe('shop is linked to +15550001\n');
});

it('sessions ls, status, sync and restore do what the API does', async () => {
  const { sessions } = await json('sessions', 'ls');
  expect(sessions).toMatchObject([{ id: SESSION, status: 'CONNECTED', phoneNumber: '+15550001' }]);
  const { copies } = await json('sessions', 'status', SESSION);
  expect(copies.map(({ store }: { store: string }) => store)).toEqual(['file', `file:${world.secondStore}`]);
  expect(await json('sessions', 'sync', SESSION)).toMatchObject({ session: { id: SESSION } });
  expect(await json('sessions', 'restore', SESSION, '--from', 'file')).toMatchObject({
    restoredFrom: 'file',
  });
  const { code, errors } = await runCli(['sessions', 'status', 'nobody'], environment);
  expect({ code, errors }).toEqual({ code: 1, errors: 'there is no session nobody\n' });
});

it('without a token the server says no, which ends with 77', async () => {
  const { code } = await runCli(['sessions', 'ls'], { ...environment, SESSIONGRAPH_TOKEN: '' });
  expect(code).toBe(77);
});

it('export refuses while a server runs, and names it', async () => {
  const target = join(elsewhere, 'early');
  const { code, errors } = await runCli(['export', SESSION, target], environment);
  expect(code).toBe(69);
  expect(errors).toContain(String(server.process.pid));
  await expect(readdir(target)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('export writes a folder with which a bot logs in; import takes it over under another server', async () => {
  await server.kill('SIGTERM');
  const target = join(elsewhere, 'folders', 'moved');
  const { files } = await json('export', SESSION, target);
  expect(await readdir(target)).toHaveLength(files);

  const other = { ...environment, WHATSAPP_AUTH_DIR: join(elsewhere, 'other'), STORES: 'file' };
  const from = join(elsewhere, 'folders');
  const planned = await runCli(['import', from, '--dry-run', '--json'], other);
  expect(JSON.parse(planned.output)).toMatchObject({ dryRun: true, imported: [{ sessionId: 'moved' }] });
  const done = await runCli(['import', from, '--json'], other);
  expect(JSON.parse(done.output)).toMatchObject({
    imported: [{ sessionId: 'moved', leftOut: [] }],
    refused: [],
  });
  const again = await runCli(['import', from], other);
  expect(again).toMatchObject({ code: 0, output: 'There is nothing to import.\n' });
});

it('serve starts a server, which takes over what lies in its directory; delete deletes', async () => {
  const directory = join(elsewhere, 'whatsapp_auth');
  const { simulator } = world;
  const bot = createOldBot(simulator.url, join(directory, 'old'));
  await pairOldBot(
    bot,
    simulator.createPhone({ number: '15550003' }),
    simulator.createContact({ number: '15550004' }),
  );
  await bot.stop();
  const changed = { WHATSAPP_AUTH_DIR: directory, STORES: 'file', PORT: '0', WHATSAPP_WS_URL: simulator.url };
  served = startCli(['serve', '--json'], { ...environment, ...changed, AUTH_JWT_SECRET: TOKEN_SECRET });
  const lines: string[] = [];
  createInterface({ input: served.stdout }).on('line', line => lines.push(line));
  const listening = await until('it listens', () => lines.find(line => line.startsWith('listening on ')));
  environment.SESSIONGRAPH_URL = listening.slice('listening on '.length);
  const log = await until('the import is logged', () =>
    lines.find(line => line.includes('session.imported')),
  );
  expect(JSON.parse(log)).toMatchObject({ event: 'session.imported', sessionId: 'old', leftOut: 0 });
  await until(
    'it is connected',
    async () => (await json('sessions', 'status', 'old')).status === 'CONNECTED',
  );
  expect(await json('sessions', 'delete', 'old')).toMatchObject({
    id: 'old',
    deletedFrom: ['file'],
    unlinked: true,
  });
  const exited = once(served, 'exit');
  served.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
});
