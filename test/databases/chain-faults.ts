import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyViews } from '../../src/core/chain/copy-views.ts';
import type { CopyState } from '../../src/core/sessions/session-views.ts';
import type { Entry } from '../../src/core/store.ts';
import { codeOf, opened, sealed, valuesOf } from '../contract/sample-changes.ts';
import { until } from '../support/condition.ts';
import { createDatabase, type Database } from '../support/database.ts';
import type { Network } from '../support/fault-proxy.ts';
import {
  createRealChain,
  type RealChain,
  type RealChainOptions,
  type RealOwner,
  SESSION,
} from './real-chain.ts';

const BAD_NETWORKS: readonly Network[] = [
  { kind: 'latency', ms: 30 },
  { kind: 'black-hole' },
  { kind: 'half-open' },
  { kind: 'slow', bytesPerSecond: 20_000 },
  { kind: 'reset' },
];

/** Bytes of an answer: before it, within and after the header (of MySQL 4, of MongoDB 16), within what it says. */
const CUTS = [0, 1, 3, 4, 5, 15, 16, 17, 29];
/** TiDB Cloud grants five minutes. */
const LIFE_MS = 300;

/** What the chain promises while the network to its database does what networks do. */
export function testChainFaults(url: string): void {
  let database: Database;
  let scenes: RealChain[];
  beforeEach(() => {
    database = createDatabase(url);
    scenes = [];
  });
  afterEach(() => Promise.all(scenes.map(scene => scene.close())));

  async function create(options: RealChainOptions): Promise<RealChain> {
    const scene = await createRealChain(database, options);
    scenes.push(scene);
    return scene;
  }

  it.each(BAD_NETWORKS)(
    'law 10: nobody waits for a database behind a network of kind $kind, and it heals',
    async network => {
      const { proxy, open, converged, direct } = await create({ awaited: 'file', deadlineMs: 1_500 });
      const owner = await open();
      await owner.write({ creds: 'before', gone: 'x' });
      await converged();
      proxy.become(network);
      for (let number = 0; number < 50; number += 1)
        await owner.write({ [`key:${number % 9}`]: `v${number}` });
      await owner.write({ gone: undefined });
      proxy.become({ kind: 'good' });
      await converged();
      expect(await valuesOf(direct, SESSION)).not.toHaveProperty('gone');
      await owner.close();
    },
  );

  it('law 3: an awaited change whose answer was cut in the middle lands once, and its writer learns of it', async () => {
    const { proxy, open, converged } = await create({ awaited: 'all' });
    const owner = await open();
    for (const bytes of CUTS) {
      proxy.cutAfter(bytes);
      await owner.write({ creds: `v${bytes}`, [`key:${bytes}`]: 'x' });
    }
    await converged();
    await owner.close();
  });

  it('law 3: connections that are cut after a fixed life cost no change and reach no caller', async () => {
    const { proxy, open, converged, direct } = await create({ awaited: 'all' });
    const owner = await open();
    proxy.become({ kind: 'short-lived', lifeMs: LIFE_MS });
    const opened = owner.writer.head().revision;
    const end = performance.now() + 10 * LIFE_MS;
    let writes = 0;
    for (; performance.now() < end; writes += 1)
      await owner.write({ creds: `v${writes}`, [`key:${writes}`]: 'x' });
    await converged();
    expect(proxy.traffic.ended).toBeGreaterThanOrEqual(5);
    expect((await direct.readHead(SESSION))?.revision).toBe(opened + writes);
    expect(Object.keys((await valuesOf(direct, SESSION)) ?? {})).toHaveLength(writes + 1);
    await owner.close();
  });

  it('law 9: an awaited database that falls silent fails the write at the deadline', async () => {
    const { proxy, open, converged } = await create({ awaited: 'all', deadlineMs: 1_500 });
    const owner = await open();
    await owner.write({ creds: 'acknowledged' });
    proxy.become({ kind: 'black-hole' });
    expect(await codeOf(owner.write({ creds: 'never acknowledged' }))).toBe('STORE_UNAVAILABLE');
    expect(await codeOf(owner.write({ creds: 'refused' }))).toBe('STORE_UNAVAILABLE');
    proxy.become({ kind: 'good' });
    await owner.crash();
    const again = await open();
    await again.write({ creds: 'after' });
    await converged();
    await again.close();
  });

  /** As `copies` of the API shows them. */
  async function statesOf({ chain }: RealOwner): Promise<CopyState[]> {
    const answers = await chain.survey(SESSION);
    const views = copyViews(chain.stores, { answers, excluded: [], problems: new Map() });
    return views.map(({ state }) => state);
  }

  it('law 7: after an outage of 10,000 changes both stores are the same, byte by byte, and shown so', async () => {
    const { proxy, open, converged } = await create({
      awaited: 'file',
      maxPendingBytes: 1 << 20,
      patienceMs: 5_000,
    });
    const owner = await open();
    await owner.write({ creds: 'before' });
    await converged();
    proxy.become({ kind: 'black-hole' });
    for (let number = 0; number < 10_000; number += 20) {
      const burst = Array.from({ length: 20 }, (_, place) => number + place);
      await Promise.all(burst.map(n => owner.write({ [`key:${n % 2_000}`]: `v${n}`, creds: `c${n}` })));
    }
    expect(owner.writer.durableHead().revision).toBe(10_001);
    expect(await statesOf(owner)).toEqual(['IN_SYNC', 'UNREACHABLE']);
    proxy.become({ kind: 'good' });
    await converged(60_000);
    expect(await statesOf(owner)).toEqual(['IN_SYNC', 'IN_SYNC']);
    await owner.close();
  });

  it('law 7: a database that comes back empty is filled again by the writer that runs', async () => {
    const { proxy, open, converged } = await create({ awaited: 'file' });
    const owner = await open();
    await owner.write({ creds: 'before', key: 'x' });
    await converged();
    proxy.become({ kind: 'reset' });
    await database.drop();
    proxy.become({ kind: 'good' });
    await owner.write({ creds: 'after' });
    await converged();
    await owner.close();
  });

  it('law 2: an older backup put back into the database is recognised and repaired, never believed', async () => {
    const { open, converged, direct } = await create({ awaited: 'file' });
    const owner = await open();
    await owner.write({ creds: 'old' });
    await owner.close();
    const { head, entries } = await loadAll(direct);
    const next = await open();
    await next.write({ creds: 'new' });
    await converged();
    await next.close();

    await database.drop();
    const emptied = await database.open();
    await emptied.replaceSession({
      sessionId: SESSION,
      fence: head.fence,
      head,
      complete: true,
      deleted: false,
      entries,
    });
    await emptied.close();
    const again = await open();
    expect(opened((await again.chain.loadEntries(SESSION, ['creds'])).get('creds') ?? sealed(''))).toBe(
      'new',
    );
    await until('the backup is replaced', async () => (await valuesOf(direct, SESSION))?.creds === 'new');
    await again.close();
  });
}

async function loadAll(store: RealChain['direct']) {
  const loaded = await store.loadSession(SESSION);
  if (!loaded) throw new Error('the store has no copy');
  const entries: Entry[] = [];
  for await (const entry of loaded.entries) entries.push(entry);
  return { head: loaded.head, entries };
}
