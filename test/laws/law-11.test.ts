import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { ENCRYPTION_SECRET, TOKEN_SECRET } from '../support/server-process.ts';
import {
  createServerWorld,
  pairByQr,
  SESSION,
  type ServerWorld,
  sendText,
  waitForStatus,
} from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const TEXT = 'the text of a private message';

it('law 11: no key, code, token, text or number is in the stores or in the logs', {
  timeout: 120_000,
}, async () => {
  const server = await world.start({ LOG_LEVEL: 'trace' });
  const codes: string[] = [];
  server.api.subscribe(
    `subscription { sessionQrIssued(id: "${SESSION}") { data } }`,
    {},
    ({ sessionQrIssued }) => codes.push(sessionQrIssued.data),
  );
  await pairByQr(server, world.phone);
  await sendText(server, '+15550002', TEXT);
  await world.contact.waitForText(TEXT);
  await world.contact.sendText(world.phone, TEXT, { from: 'companion' });
  await server.kill('SIGTERM');
  const again = await world.start({ LOG_LEVEL: 'trace' });
  await waitForStatus(again.api, 'CONNECTED');
  await again.kill('SIGTERM');

  const secrets = [...(await keysOf(world)), ...codes, TEXT, TOKEN_SECRET, ENCRYPTION_SECRET, '15550002'];
  // Where they stand open, every key is found.
  expect(leaks(secrets, await bytesBelow(exportedFolder(world))).length).toBeGreaterThan(10);
  const logs = Buffer.from(server.output() + again.output());
  expect(leaks(secrets, logs)).toEqual([]);
  const stores = await bytesBelow(world.firstStore, world.secondStore);
  expect(stores.length).toBeGreaterThan(10_000);
  expect(leaks(secrets, stores)).toEqual([]);
});

/** Every secret byte string of the session, as Baileys' own folder shows them. */
async function keysOf(world: ServerWorld): Promise<string[]> {
  const folder = exportedFolder(world);
  const environment = {
    WHATSAPP_AUTH_DIR: world.firstStore,
    SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
    STORES: 'file',
  };
  const exported = await runCli(['export', SESSION, folder], environment);
  expect(exported.code).toBe(0);
  const files = (await readdir(folder)).filter(name => /^(creds|pre-key|app-state-sync-key)/.test(name));
  const texts = await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')));
  return texts.flatMap(text => [
    ...[...text.matchAll(/"private":\{"type":"Buffer","data":"([^"]{40,})"/g)].map(([, data]) => data ?? ''),
    ...[...text.matchAll(/"advSecretKey":"([^"]+)"/g)].map(([, data]) => data ?? ''),
  ]);
}

const exportedFolder = ({ firstStore }: ServerWorld) => `${firstStore}-exported`;

/** Those that are in there, as text, as bytes, as hexadecimal or as a list of numbers. */
function leaks(secrets: readonly string[], place: Buffer): string[] {
  return secrets.filter(secret => {
    const bytes = Buffer.from(secret, 'base64');
    const forms = [secret, secret.replace(/=+$/, ''), bytes.toString('hex'), [...bytes].join()];
    const isKey = /^[A-Za-z0-9+/]{42,44}=*$/.test(secret);
    const inAnyForm = isKey && (place.includes(bytes) || forms.some(form => place.includes(form)));
    return inAnyForm || place.includes(secret);
  });
}

async function bytesBelow(...folders: string[]): Promise<Buffer> {
  const found: Buffer[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      found.push(Buffer.from(entry.name), entry.isFile() ? await readFile(path) : Buffer.alloc(0));
    }
  }
  return Buffer.concat(found);
}
