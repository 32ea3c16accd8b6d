import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { ENCRYPTION_SECRET, type ServerProcess, TOKEN_SECRET } from './server-process.ts';
import { SESSION, type ServerWorld } from './server-world.ts';

/**
 * What must stand nowhere in the clear: the keys of the session of a world, what the tests' servers are given, and what
 * a token that they were asked with cannot be made without.
 */
export async function secretsOf(world: ServerWorld, ...asked: readonly ServerProcess[]): Promise<string[]> {
  const folder = `${world.firstStore}-exported`;
  const environment = {
    WHATSAPP_AUTH_DIR: world.firstStore,
    SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
    STORES: 'file',
  };
  const exported = await runCli(['export', SESSION, folder], environment);
  expect(exported.code).toBe(0);
  const files = (await readdir(folder)).filter(name =>
    /^(creds|pre-key|app-state-sync-key|session|sender-key)-?/.test(name),
  );
  const texts = await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')));
  const keys = texts.flatMap(text => [
    ...[...text.matchAll(/"private":\{"type":"Buffer","data":"([^"]{40,})"/g)].map(([, data]) => data ?? ''),
    ...[...text.matchAll(/"advSecretKey":"([^"]+)"/g)].map(([, data]) => data ?? ''),
    // Of ratchets: libsignal prints those that it closes, whole, unless it is kept from that.
    ...[...text.matchAll(/"(?:rootKey|privKey|key)":"([^"]{42,44})"/g)].map(([, data]) => data ?? ''),
  ]);
  // Where they stand open, every key is found: or what follows would find nothing anywhere.
  expect(leaks(keys, await bytesBelow(folder)).length).toBeGreaterThan(5);
  const signatures = asked.map(({ token }) => token.slice(token.lastIndexOf('.') + 1));
  return [...keys, ...signatures, TOKEN_SECRET, ENCRYPTION_SECRET, '15550001', '15550002'];
}

/** Those that are in there, as text, as bytes, as hexadecimal, as Node prints a Buffer, or as a list of numbers. */
export function leaks(secrets: readonly string[], place: Buffer): string[] {
  return secrets.filter(secret => {
    const bytes = Buffer.from(secret, 'base64');
    const hex = bytes.toString('hex');
    const printed = hex.replace(/..(?!$)/g, '$& ');
    const forms = [secret, secret.replace(/=+$/, ''), hex, printed, [...bytes].join()];
    const isKey = /^[A-Za-z0-9+/]{42,44}=*$/.test(secret);
    const inAnyForm = isKey && (place.includes(bytes) || forms.some(form => place.includes(form)));
    return inAnyForm || place.includes(secret);
  });
}

/** All files below some folders, names and contents. */
export async function bytesBelow(...folders: string[]): Promise<Buffer> {
  const found: Buffer[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      found.push(Buffer.from(entry.name), entry.isFile() ? await readFile(path) : Buffer.alloc(0));
    }
  }
  return Buffer.concat(found);
}
