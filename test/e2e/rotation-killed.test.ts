import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openVault } from '../../src/open-vault.ts';
import { until } from '../support/condition.ts';
import { createRandom } from '../support/seeded-random.ts';
import { createWarmLauncher, ENCRYPTION_SECRET, type ServerProcess } from '../support/server-process.ts';
import { createServerWorld, type ServerWorld } from '../support/server-world.ts';

const NEW = 'b7'.repeat(32);
const SESSIONS = 200;
const KILLS = 6;
/** A claim is a change of a file as well, and the rotation goes on while it is looked for changes. */
const MOST_OF_IT = 0.6;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

const ROTATE = 'mutation { rotateKeys(input: {}) { rewrapped current remaining left { code } } }';
const KEYS = '{ encryptionKeys { keys { copies { count } } } }';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld({ launcher: createWarmLauncher() });
});
afterEach(() => world.close());

const openWith = (secrets: string) =>
  openVault(
    readConfig({
      WHATSAPP_AUTH_DIR: world.firstStore,
      STORES: `file,file:${world.secondStore}`,
      SESSION_ENCRYPTION_SECRET: secrets,
    }),
  );

async function makeSessions(ids: readonly string[]): Promise<void> {
  const { vault, chain } = await openWith(ENCRYPTION_SECRET);
  const record = { createdAt: 0, desiredState: 'STOPPED', excludedStores: [] } as const;
  for (const sessionId of ids) {
    const entries = [{ type: 'creds', id: '', value: Buffer.from(`credentials of ${sessionId}`) }];
    await (await vault.create({ sessionId, record, entries, onFailure: () => {} })).close();
  }
  await chain.close();
}

/** By secret, newest first, and by store. */
async function countCopies({ api }: ServerProcess): Promise<number[][]> {
  const { encryptionKeys } = await api.request(KEYS);
  return encryptionKeys.keys.map(({ copies }: { copies: { count: number }[] }) =>
    copies.map(({ count }) => count),
  );
}

/** When each file of the first store was last written. */
async function readWriteTimes(): Promise<Map<string, number>> {
  const files = await readdir(world.firstStore, { recursive: true, withFileTypes: true });
  const logs = files.filter(file => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  // One that is gone by now was written over by another name.
  const times = logs.map(async path => [path, (await stat(path).catch(() => undefined))?.mtimeMs ?? 0]);
  return new Map((await Promise.all(times)) as [string, number][]);
}

/** Resolves when so many files are other than they were, or nothing more is written. */
async function untilWritten(
  count: number,
  before: ReadonlyMap<string, number>,
  rotation: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  void rotation.then(() => {
    isOver = true;
  });
  await until(`${count} files are written`, async () => {
    const now = [...(await readWriteTimes())];
    return isOver || now.filter(([path, time]) => before.get(path) !== time).length >= count;
  });
}

/** What the new secret alone opens. */
async function readAll(ids: readonly string[]): Promise<string[]> {
  const { vault, chain } = await openWith(NEW);
  const texts: string[] = [];
  for (const id of ids) {
    const creds = (await (await vault.peek(id))?.read('creds', ['']))?.get('');
    texts.push(Buffer.from(creds ?? []).toString());
  }
  await chain.close();
  return texts;
}

it(`a rotation that is killed again and again is gone on with, and no session is lost by it, seed ${SEED}`, async () => {
  const ids = Array.from({ length: SESSIONS }, (_, place) => `shop-${place}`);
  await makeSessions(ids);
  const random = createRandom(SEED);
  const secrets = { SESSION_ENCRYPTION_SECRET: `${NEW},${ENCRYPTION_SECRET}` };
  const done: number[] = [];
  let server = await world.start(secrets);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await readWriteTimes();
    const rotation = server.api.request(ROTATE).catch(() => undefined);
    const left = SESSIONS - (done.at(-1) ?? 0);
    await untilWritten(1 + Math.floor(left * MOST_OF_IT * random()), before, rotation);
    await server.kill('SIGKILL');
    await rotation;
    server = await world.start(secrets);
    const [newest] = await countCopies(server);
    done.push(newest?.[0] ?? 0);
  }
  const { rotateKeys } = await server.api.request(ROTATE);
  expect(rotateKeys).toMatchObject({ remaining: 0, left: [] });
  expect(rotateKeys.rewrapped + rotateKeys.current).toBe(SESSIONS);
  expect(await countCopies(server)).toEqual([[SESSIONS, SESSIONS], []]);
  await server.kill('SIGTERM');
  expect(await readAll(ids)).toEqual(ids.map(id => `credentials of ${id}`));
  // Never back, and cut off in the middle at least once.
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.some(count => count > 0 && count < SESSIONS)).toBe(true);
}, 120_000);
