import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findLocalSecret, loadLocalSecret } from '../src/local-secrets.ts';

async function openDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'local-secrets-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'data', 'secrets');
}

test('made once, then always the same', async () => {
  const directory = await openDirectory();
  expect(await findLocalSecret(directory, 'jwt')).toBeUndefined();
  const made = await loadLocalSecret(directory, 'jwt');
  expect(Buffer.from(made, 'base64url')).toHaveLength(32);
  expect(await loadLocalSecret(directory, 'jwt')).toBe(made);
  expect(await findLocalSecret(directory, 'jwt')).toBe(made);
  expect(await loadLocalSecret(directory, 'other')).not.toBe(made);
});

test('for the owner only', async () => {
  const directory = await openDirectory();
  await loadLocalSecret(directory, 'jwt');
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  expect(await modeOf(join(directory, 'jwt'))).toBe(0o600);
  expect(await modeOf(directory)).toBe(0o700);
  expect(await modeOf(join(directory, '..'))).toBe(0o700);
});

test('whoever comes at the same time gets the same', async () => {
  const directory = await openDirectory();
  const all = await Promise.all(Array.from({ length: 50 }, () => loadLocalSecret(directory, 'jwt')));
  expect(new Set(all).size).toBe(1);
  expect(await readdir(directory)).toEqual(['jwt']);
});

test('one that its maker is still writing is waited for', async () => {
  const directory = await openDirectory();
  await loadLocalSecret(directory, 'jwt');
  await writeFile(join(directory, 'jwt'), 'half');
  const found = findLocalSecret(directory, 'jwt');
  await writeFile(join(directory, 'jwt'), 'whole\n');
  expect(await found).toBe('whole');
});

test('what is there and cannot be read is not made anew', async () => {
  const directory = await openDirectory();
  await loadLocalSecret(join(directory, 'jwt'), 'below');
  await expect(loadLocalSecret(directory, 'jwt')).rejects.toThrow('jwt: cannot be read (EISDIR)');
  await writeFile(join(directory, 'torn'), 'abc');
  await expect(loadLocalSecret(directory, 'torn')).rejects.toThrow('torn: half written');
  expect(await readFile(join(directory, 'torn'), 'utf8')).toBe('abc');
});
