import { symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import { collectTexts, waitForStatus } from '../support/session-scene.ts';
import { contentsOf, createImportScene, type ImportScene } from './import-scene.ts';
import { createOldBot, pairOldBot } from './old-bot.ts';

let scene: ImportScene;
beforeEach(async () => {
  scene = await createImportScene();
});
afterEach(() => scene.close());

async function leaveOldFolder(name: string): Promise<string> {
  const { simulator, directory, phone, contact } = scene;
  const folder = join(directory, name);
  const bot = createOldBot(simulator.url, folder);
  await pairOldBot(bot, phone, contact);
  await bot.stop();
  return folder;
}

it.each([
  ['', 'default'],
  ['Shop.1', 'Shop.1'],
])('a folder at "%s" of the data directory is taken over as session %s', async (name, id) => {
  const { simulator, phone, contact, reports } = scene;
  const folder = await leaveOldFolder(name);
  const before = await contentsOf(folder);
  const qrCodes = simulator.qrCodesIssued;
  await contact.sendText(phone, 'meanwhile');

  const manager = await scene.start();
  const texts = collectTexts(manager);
  const { linked, phoneNumber } = await waitForStatus(manager, id, 'CONNECTED');
  expect({ linked, phoneNumber }).toEqual({ linked: true, phoneNumber: '+15550001' });
  await contact.sendText(phone, 'after');
  await until('the next message arrives', () => texts.includes('after'));
  await manager.sendText({ id, to: contact.jid, text: 'here again' });
  await contact.waitForText('here again', 5);

  expect(reports).toHaveLength(1);
  expect(reports[0]).toMatchObject({ kind: 'imported', sessionId: id, completeness: 'whole', leftOut: [] });
  expect(reports[0]).toMatchObject({ counts: { creds: 1, 'pre-key': expect.any(Number) } });
  const { events } = await manager.readHistory(id, { first: 20 });
  expect(events.map(({ reason }) => reason?.code)).toContain('IMPORTED');
  expect(await contentsOf(folder)).toEqual(before);
  expect(simulator.qrCodesIssued).toBe(qrCodes);
  expect(simulator.anomalies).toEqual([]);

  await scene.stop();
  reports.length = 0;
  await waitForStatus(await scene.start(), id, 'CONNECTED');
  expect(reports).toEqual([]);
});

it('law 8: a deleted session does not come back from its old folder', async () => {
  await leaveOldFolder('shop');
  const manager = await scene.start();
  await waitForStatus(manager, 'shop', 'CONNECTED');
  await manager.deleteSession({ id: 'shop' });
  await scene.stop();
  scene.reports.length = 0;

  const next = await scene.start();
  expect(await next.readSession('shop')).toBeUndefined();
  expect(scene.reports).toEqual([]);
  // Somebody who wants a new one gets a new one.
  expect(await next.createSession({ id: 'shop' })).toMatchObject({ linked: false });
});

it('credentials that were cut off are named, and never become a new session', async () => {
  const folder = await leaveOldFolder('shop');
  await truncate(join(folder, 'creds.json'), 100);
  const manager = await scene.start();

  expect(scene.reports).toEqual([
    { kind: 'refused', place: 'session shop', why: expect.stringContaining(join(folder, 'creds.json')) },
  ]);
  await expect(manager.createSession({ id: 'shop' })).rejects.toMatchObject({ code: 'SESSION_CORRUPT' });
  expect(await manager.readSession('shop')).toBeUndefined();
  expect(scene.simulator.qrCodesIssued).toBe(1);
});

it('key files that were cut off are counted and left out, links are not followed', async () => {
  const folder = await leaveOldFolder('shop');
  await writeFile(join(folder, 'pre-key-107.json'), '');
  await writeFile(join(folder, 'pre-key-108.json'), '{"public":{"type"');
  await writeFile(join(folder, 'pre-key-109.json'), '{"public":1,"__proto__":{"x":1},"constructor":{"y":2}}');
  await writeFile(join(folder, 'notes.json'), '{}');
  await writeFile(join(scene.directory, 'elsewhere.json'), '{}');
  await symlink(join(scene.directory, 'elsewhere.json'), join(folder, 'pre-key-110.json'));
  await symlink(folder, join(scene.directory, 'linked'));
  const manager = await scene.start();
  await waitForStatus(manager, 'shop', 'CONNECTED');

  const [link, imported] = scene.reports;
  expect(link).toMatchObject({ kind: 'refused', place: join(scene.directory, 'linked') });
  const leftOut = ['pre-key-107.json', 'pre-key-108.json', 'pre-key-110.json'];
  expect(imported?.kind === 'imported' && imported.leftOut.toSorted()).toEqual(leftOut);
  const peeked = await scene.opened.vault.peek('shop');
  const kept = await peeked?.read('pre-key', ['107', '109', '110']);
  expect([...(kept ?? [])].map(([id, value]) => [id, Buffer.from(value).toString()])).toEqual([
    ['109', '{"public":1}'],
  ]);
});

it('a session that exists is not overwritten by a folder of its name', async () => {
  const { simulator, phone } = scene;
  const manager = await scene.start();
  await manager.createSession({ id: 'shop' });
  const qr = await manager.watchQr('shop').next();
  await phone.scan(qr.value.data);
  const { jid } = await waitForStatus(manager, 'shop', 'CONNECTED');
  await scene.stop();
  await leaveOldFolder('shop');

  const next = await scene.start();
  expect(await waitForStatus(next, 'shop', 'CONNECTED')).toMatchObject({ jid });
  expect(scene.reports).toEqual([]);
  expect(simulator.anomalies).toEqual([]);
});

it('createSession takes over what an older program left meanwhile', async () => {
  const manager = await scene.start();
  await leaveOldFolder('late');
  await manager.createSession({ id: 'late' });
  expect(await waitForStatus(manager, 'late', 'CONNECTED')).toMatchObject({ linked: true });
  expect(scene.reports).toMatchObject([{ kind: 'imported', sessionId: 'late' }]);
});
