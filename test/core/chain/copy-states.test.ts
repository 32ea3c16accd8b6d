import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { DATA_KEY } from '../../../src/core/sealing/session-key.ts';
import type { SessionManager } from '../../../src/core/sessions/session-manager.ts';
import type { CopyState } from '../../../src/core/sessions/session-views.ts';
import { ORIGIN } from '../../../src/core/store.ts';
import type { MemoryCopy } from '../../contract/memory-rules.ts';
import { tombstoneOf } from '../../contract/sample-changes.ts';
import { until } from '../../support/condition.ts';
import { type SessionScene, startSessionScene } from '../../support/session-scene.ts';

let scene: SessionScene;
let manager: SessionManager;
beforeEach(async () => {
  scene = await startSessionScene();
  manager = await scene.startManager();
  await manager.createSession({ id: 'shop' });
  await manager.watchQr('shop').next();
  await manager.stopSession('shop');
});
afterEach(() => scene.close());

const copyInSecond = (): MemoryCopy =>
  scene.second.disk.copies.get('shop') ?? { fence: 0, entries: new Map() };
const headInSecond = () => ({ ...ORIGIN, digest: '', ...copyInSecond().head });

/** What a person or a disk does to the second store, and what the API says of its copy then. */
const CASES: Readonly<Record<CopyState, () => unknown>> = {
  IN_SYNC: () => {},
  BEHIND: () => scene.second.forget(1),
  MISSING: () => scene.second.wipe(),
  UNREACHABLE: () => scene.second.goDown(),
  UNREADABLE: () => scene.second.failNext('readHead', 'STORE_UNREADABLE'),
  CORRUPT: () => scene.second.damage('shop'),
  async UNDECRYPTABLE() {
    const foreign = (await createKeyring(['b'.repeat(64)])).wrap('shop', Buffer.alloc(32));
    const entries = new Map(copyInSecond().entries).set(DATA_KEY, foreign);
    scene.second.disk.copies.set('shop', { ...copyInSecond(), entries });
  },
  DIVERGED() {
    const copy = copyInSecond();
    if (copy.head)
      scene.second.disk.copies.set('shop', { ...copy, head: { ...copy.head, digest: 'another' } });
  },
  async DELETED() {
    const { epoch, revision } = headInSecond();
    scene.second.wipe();
    await scene.second.replaceSession(tombstoneOf('shop', { epoch, revision: revision - 1, digest: 'past' }));
  },
  EXCLUDED: () => manager.deleteSession({ id: 'shop', stores: ['second'] }),
};

it.each(Object.entries(CASES) as [CopyState, () => unknown][])(
  'law 5: a copy is %s where it is',
  async (state, happens) => {
    await happens();
    const [first, second] = await manager.readCopies('shop');
    expect(first).toMatchObject({ store: 'first', state: 'IN_SYNC' });
    expect(second).toMatchObject({ store: 'second', state });
  },
);

it.each(['BEHIND', 'MISSING', 'CORRUPT', 'DIVERGED', 'DELETED'] as const)(
  'a copy that is %s is put right by the next start, from the one that is whole',
  async state => {
    await CASES[state]();
    await manager.startSession({ id: 'shop', takeOver: false });
    await until('both are in sync', async () =>
      (await manager.readCopies('shop')).every(copy => copy.state === 'IN_SYNC'),
    );
  },
);
