import { afterEach, expect, it } from 'vitest';
import type { OldSource } from '../../src/core/old-source.ts';
import { unaskable } from '../../src/core/vault/session-import.ts';
import { readCredentialsOnly } from '../../src/import/credentials-only.ts';
import { createMultiFileSource } from '../../src/import/multi-file-source.ts';
import { until } from '../support/condition.ts';
import { waitForStatus } from '../support/session-scene.ts';
import { createImportScene, type ImportScene } from './import-scene.ts';
import { linkedCreds } from './old-writers.ts';

let scene: ImportScene;
afterEach(() => scene.close());

interface FakeSource extends OldSource {
  isDown: boolean;
  store?: string;
  list(): ReturnType<OldSource['list']>;
}

/** An old database that answers, or doesn't. */
function createFakeSource(): FakeSource {
  function check(): void {
    if (source.isDown) throw unaskable(source.name, 'ECONNREFUSED');
  }
  const source: FakeSource = {
    name: 'old database',
    isDown: true,
    async list() {
      check();
      return { sessionIds: ['there'], unusable: [] };
    },
    async load(id) {
      check();
      return id === 'there' ? readCredentialsOnly('old database/there', linkedCreds()) : undefined;
    },
  };
  return source;
}

const sceneWith = async (...sources: OldSource[]) => {
  scene = await createImportScene(directory => [createMultiFileSource(directory), ...sources]);
};

it('an old source that is down fails no start, and is named', async () => {
  await sceneWith(createFakeSource());
  await scene.start();
  expect(scene.reports).toEqual([
    { kind: 'refused', place: 'old database', why: expect.stringContaining('ECONNREFUSED') },
  ]);
});

it('no session is made while an old source cannot be asked, and one is when it can', async () => {
  const source = createFakeSource();
  await sceneWith(source);
  const manager = await scene.start();
  for (const id of ['there', 'new']) {
    await expect(manager.createSession({ id })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('old database'),
    });
    expect(await manager.readSession(id)).toBeUndefined();
  }
  expect(scene.simulator.qrCodesIssued).toBe(0);

  source.isDown = false;
  expect(await manager.createSession({ id: 'there' })).toMatchObject({
    linked: true,
    phoneNumber: '+15550001',
  });
  expect(await manager.createSession({ id: 'new' })).toMatchObject({ linked: false });
});

it('whoever excludes the store on the same server does without its old data while it is down', async () => {
  const source = createFakeSource();
  await sceneWith(source);
  const manager = await scene.start();
  const name = scene.opened.chain.stores[1]?.name ?? '';
  source.store = name;
  await expect(manager.createSession({ id: 'new' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await manager.createSession({ id: 'new', excludeStores: [name] })).toMatchObject({ linked: false });

  source.isDown = false;
  expect(await manager.createSession({ id: 'there', excludeStores: [name] })).toMatchObject({ linked: true });
});

it('sessions that are here start before old sources are asked, and do not need them', async () => {
  const source = createFakeSource();
  source.isDown = false;
  source.list = async () => ({ sessionIds: [], unusable: [] });
  await sceneWith(source);
  await (await scene.start()).createSession({ id: 'new' });
  await scene.stop();

  const seen = scene.simulator.qrCodesIssued;
  source.isDown = true;
  source.list = async () => {
    await until('the session that is here shows a code', () => scene.simulator.qrCodesIssued > seen);
    return { sessionIds: ['there'], unusable: [] };
  };
  await waitForStatus(await scene.start(), 'new', 'PAIRING');
  expect(scene.reports.at(-1)).toMatchObject({ kind: 'refused', place: 'session there' });
});
