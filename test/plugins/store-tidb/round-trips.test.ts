import { expect, it } from 'vitest';
import { type LeaseStore, ORIGIN } from '../../../src/core/store.ts';
import { changeOf, collect, headAt, replacementOf, sealed } from '../../contract/sample-changes.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { withServer } from './tidb-store-subject.ts';

const ID = 'personal';
const ROUNDS = 200;

describeWithSql('round trips of the tidb store', service => {
  const scene = useTidbScene(service);
  const openCounted = async () => {
    const sent: string[] = [];
    const store = await scene.open({ onStatement: statement => sent.push(statement) });
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c', 'session:a': 's' }));
    sent.length = 0;
    return { store, sent };
  };

  const countMarks = () =>
    withServer(service, async connection => {
      const sql = `SELECT COUNT(*) AS marks FROM ${scene.database}.sessiongraph_entries WHERE size < 0`;
      const [rows] = await connection.query(sql);
      return Number((rows as { marks: number }[])[0]?.marks);
    });

  it('a received message is one', async () => {
    const { store, sent } = await openCounted();
    const times: number[] = [];
    for (let revision = 1; revision <= ROUNDS; revision += 1) {
      const entries = ['creds', 'session:a', `sender-key:${revision % 7}`].map(name => ({
        name,
        value: sealed(`${revision}`.padEnd(1_850, 'x')),
      }));
      const start = performance.now();
      const change = changeOf(ID, headAt(1, revision), headAt(1, revision + 1), {});
      await store.applyChange({ ...change, entries });
      times.push(performance.now() - start);
    }
    const median = times.sort((a, b) => a - b)[ROUNDS / 2];
    console.log(
      `${service.name}: a change of 3 entries: ${sent.length / ROUNDS} round trips, p50 ${median?.toFixed(2)} ms`,
    );
    expect(sent).toHaveLength(ROUNDS);
  });

  it('the first message of a contact, which uses up a pre-key, is one; what is left of the key goes afterwards', async () => {
    const { store, sent } = await openCounted();
    const values = { creds: 'c2', 'session:b': 's', 'pre-key:7': undefined };
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), values));
    expect(sent.filter(statement => !statement.startsWith('DELETE'))).toHaveLength(1);
  });

  it('the claim of a new owner is one, after the lease that told of the head', async () => {
    const { store, sent } = await openCounted();
    const { epoch } = await (store.leases as LeaseStore).acquireLease({
      sessionId: ID,
      holder: 'new',
      above: 1,
    });
    sent.length = 0;
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 1), {}, { fence: epoch, complete: false }));
    expect(sent).toHaveLength(1);
    expect(await store.readHead(ID)).toMatchObject({ ...headAt(1, 1), fence: epoch, complete: false });
  });

  it.each([
    ['short', 10_000, 400, 4],
    ['long', 1_100, 7_000, 3],
  ])(
    'a copy of %s entries is read in few pages, none of them beyond some MiB',
    async (_how, count, length, pages) => {
      const { store, sent } = await openCounted();
      const value = sealed('x'.repeat(length));
      const entries = Array.from({ length: count }, (_, index) => ({ name: `pre-key:${index}`, value }));
      await store.replaceSession(replacementOf(ID, headAt(1, 2), {}, { entries }));
      sent.length = 0;
      const copy = await store.loadSession(ID);
      if (!copy) throw new Error('there is no copy');
      expect(Object.keys(await collect(copy.entries))).toHaveLength(count);
      expect(sent.filter(statement => statement.includes('CASE WHEN'))).toHaveLength(pages);
    },
  );

  it('what 64 used-up pre-keys leave goes by one statement', async () => {
    const { store, sent } = await openCounted();
    for (let revision = 1; revision <= 64; revision += 1) {
      const values = { [`pre-key:${revision}`]: undefined };
      await store.applyChange(changeOf(ID, headAt(1, revision), headAt(1, revision + 1), values));
    }
    await store.close();
    expect(sent.filter(statement => statement.startsWith('DELETE'))).toHaveLength(1);
  });

  it('a change that deletes more than a statement holds leaves nothing behind either', async () => {
    const { store, sent } = await openCounted();
    const names = Array.from({ length: 1_200 }, (_, index) => `pre-key:${index}`);
    const all = (value: Uint8Array | undefined) => names.map(name => ({ name, value }));
    await store.applyChange({ ...changeOf(ID, headAt(1, 1), headAt(1, 2), {}), entries: all(sealed('k')) });
    sent.length = 0;
    await store.applyChange({ ...changeOf(ID, headAt(1, 2), headAt(1, 3), {}), entries: all(undefined) });
    await store.close();
    expect(sent.filter(statement => statement.startsWith('DELETE'))).toHaveLength(3);
    expect(await countMarks()).toBe(0);
  });

  it('812 pre-keys are one as well', async () => {
    const { store, sent } = await openCounted();
    const entries = Array.from({ length: 812 }, (_, index) => ({
      name: `pre-key:${index}`,
      value: sealed(`${index}`.padEnd(200, 'k')),
    }));
    const start = performance.now();
    await store.applyChange({ ...changeOf(ID, headAt(1, 1), headAt(1, 2), {}), entries });
    console.log(
      `${service.name}: 812 pre-keys: ${sent.length} round trips, ${(performance.now() - start).toFixed(1)} ms`,
    );
    expect(sent).toHaveLength(1);
    expect((await store.loadEntries(ID, ['pre-key:811'])).get('pre-key:811')).toEqual(entries.at(-1)?.value);
  });
});
