import { expect, it } from 'vitest';
import { ORIGIN } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, replacementOf, sealed, valuesOf } from '../../contract/sample-changes.ts';
import { until } from '../../support/condition.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { withServer } from './tidb-store-subject.ts';

const ID = 'personal';

describeWithSql('staged copies in the tidb store', service => {
  const scene = useTidbScene(service);
  const query = (sql: string) =>
    withServer(service, async connection => {
      await connection.query(`USE ${scene.database}`);
      return (await connection.query(sql))[0] as Record<string, unknown>[];
    });
  const count = async (table: string) => Number((await query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);
  const settled = (entries: number) =>
    until(`${entries} rows and nothing unlinked are left`, async () => {
      const left = [await count('sessiongraph_entries'), await count('sessiongraph_unlinked')];
      return left[0] === entries && left[1] === 0;
    });

  it('leave nothing behind when they are shown, break off or come too late', async () => {
    const store = await scene.open();
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c', key: 'k' }));
    async function* breaking() {
      for (let index = 0; index < 1_200; index += 1) yield { name: `k${index}`, value: sealed('v') };
      throw new Error('the source broke off');
    }
    const broken = replacementOf(ID, headAt(2, 2), {}, { entries: breaking() });
    await expect(store.replaceSession(broken)).rejects.toThrow('broke off');
    await settled(3);
    await store.replaceSession(replacementOf(ID, headAt(2, 2), { creds: 'r' }));
    await settled(2);
  });

  it('of a server that died are removed by the next one that replaces a copy', async () => {
    const store = await scene.open();
    await store.probe();
    await query(`INSERT INTO sessiongraph_unlinked VALUES (77, 'gone', UNIX_TIMESTAMP() - 90000, 0)`);
    await query(
      `INSERT INTO sessiongraph_entries VALUES (77, 'gone', 'a', 0, 1, 'v', NULL, NULL), (77, 'gone', 'b', 0, 1, 'v', NULL, NULL)`,
    );
    await store.replaceSession(replacementOf(ID, headAt(1, 1), { creds: 'c' }));
    await settled(2);
  });

  it('that were taken for abandoned are never shown', async () => {
    const store = await scene.open();
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' }));
    async function* slow() {
      yield { name: 'creds', value: sealed('late') };
      await query('UPDATE sessiongraph_unlinked SET dead = 1');
    }
    const late = replacementOf(ID, headAt(2, 2), {}, { entries: slow() });
    expect(await codeOf(store.replaceSession(late))).toBe('STORE_UNAVAILABLE');
    expect(await valuesOf(store, ID)).toEqual({ creds: 'c' });
    await settled(2);
  });
});
