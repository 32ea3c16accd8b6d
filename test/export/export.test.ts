import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshCreds } from '../../src/core/baileys/auth-state.ts';
import { decodeCreds, encodeBaileys } from '../../src/core/baileys/codec.ts';
import type { PlainEntryChange } from '../../src/core/vault/session-entries.ts';
import { type ExportedEntry, readForExport } from '../../src/core/vault/session-export.ts';
import { writeMultiFileFolder } from '../../src/export/multi-file-folder.ts';
import { createMultiFileSource } from '../../src/import/multi-file-source.ts';
import { createImportScene, type ImportScene } from '../import/import-scene.ts';
import { createOldBot } from '../import/old-bot.ts';
import { SAMPLE_IDS } from '../import/sample-keys.ts';
import { until } from '../support/condition.ts';
import { collectTexts, pair } from '../support/session-scene.ts';

let scene: ImportScene;
let target: string;
beforeEach(async () => {
  scene = await createImportScene();
  target = join(scene.directory, '..', 'exported', 'shop');
});
afterEach(() => scene.close());

it('an unmodified bot goes on from the folder, in both directions, with no ratchet used twice', async () => {
  const { simulator, phone, contact } = scene;
  const manager = await scene.start();
  await pair(manager, phone);
  const texts = collectTexts(manager);
  await contact.sendText(phone, 'to the server');
  await until('the server has it', () => texts.includes('to the server'));
  await manager.sendText({ id: 'shop', to: contact.jid, text: 'from the server' });
  await contact.waitForText('from the server', 5);
  const qrCodes = simulator.qrCodesIssued;
  await expect(readForExport(scene.opened, 'shop')).rejects.toMatchObject({ code: 'SESSION_HELD_ELSEWHERE' });

  await manager.stopSession('shop');
  const { files } = await writeMultiFileFolder(target, await readForExport(scene.opened, 'shop'));
  expect(await readdir(target)).toHaveLength(files);
  const bot = createOldBot(simulator.url, target);
  await bot.connect();
  await bot.opened();
  await contact.sendText(phone, 'to the bot');
  await until('the bot has it', () => bot.texts.includes('to the bot'));
  await bot.send(contact, 'from the bot');
  await contact.waitForText('from the bot', 5);
  await bot.stop();

  expect(simulator.qrCodesIssued).toBe(qrCodes);
  expect(simulator.anomalies).toEqual([]);
});

/** As after years of use: keys of every type, the same value nowhere twice. */
function sampleSession(): PlainEntryChange[] {
  const creds = decodeCreds(freshCreds());
  const linked = { ...creds, me: { id: '15550001:3@s.whatsapp.net' }, account: { details: Buffer.of(1, 2) } };
  const keys = Object.entries(SAMPLE_IDS).flatMap(([type, ids]) =>
    ids.map(id => ({ type, id, value: encodeBaileys({ of: `${type} ${id}`, bytes: Buffer.from(id) }) })),
  );
  return [{ type: 'creds', id: '', value: encodeBaileys(linked) }, ...keys];
}

const sorted = (entries: readonly (PlainEntryChange | ExportedEntry)[]) =>
  entries.map(({ type, id, value = [] }) => `${type} ${id} ${Buffer.from(value)}`).toSorted();

it('what is exported and imported again is the same, for keys of all types', async () => {
  await scene.start();
  const entries = sampleSession();
  const record = { createdAt: 1, desiredState: 'STOPPED', excludedStores: [] } as const;
  const request = { sessionId: 'shop', record, entries, onFailure: () => {} };
  await (await scene.opened.vault.create(request)).close();

  const exported = await readForExport(scene.opened, 'shop');
  expect(sorted(exported)).toEqual(sorted(entries));
  expect(await writeMultiFileFolder(target, exported)).toEqual({ files: entries.length, ambiguous: 0 });
  const again = await createMultiFileSource(join(target, '..')).load('shop');
  expect(sorted(again?.entries ?? [])).toEqual(sorted(entries));
  expect(again?.leftOut).toEqual([]);

  expect((await stat(target)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(target)) {
    expect((await stat(join(target, name))).mode & 0o777).toBe(0o600);
  }
});

it('a folder with something in it is left alone', async () => {
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'creds.json'), 'precious');
  await expect(writeMultiFileFolder(target, [])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(await readdir(target)).toEqual(['creds.json']);
});

it('keys that would share a file are refused, and nothing is left that could log in', async () => {
  const value = encodeBaileys('x');
  const entries = [
    { type: 'creds', id: '', value },
    { type: 'tctoken', id: 'a:b', value },
    { type: 'tctoken', id: 'a-b', value },
  ];
  await expect(writeMultiFileFolder(target, entries)).rejects.toThrow();
  expect(await readdir(target)).not.toContain('creds.json');
});

it('there is nothing to export of a session that does not exist or was never linked', async () => {
  const manager = await scene.start();
  await expect(readForExport(scene.opened, 'nobody')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  await expect(readForExport(scene.opened, '../x')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await manager.createSession({ id: 'shop' });
  await manager.stopSession('shop');
  await expect(readForExport(scene.opened, 'shop')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});
