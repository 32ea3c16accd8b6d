import { expect, it } from 'vitest';
import { ORIGIN } from '../../../src/core/store.ts';
import { changeOf, headAt, listed } from '../../contract/sample-changes.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { withServer } from './tidb-store-subject.ts';

describeWithSql('the schema of the tidb store', service => {
  const scene = useTidbScene(service);

  it('is made once by many clients that start at once', async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => scene.open()));
    await Promise.all(
      stores.map((store, index) =>
        store.applyChange(changeOf(`s${index}`, ORIGIN, headAt(1, 1), { creds: 'c' })),
      ),
    );
    expect(await listed(stores[0] as (typeof stores)[number])).toHaveLength(6);
    const [rows] = await withServer(service, connection =>
      connection.query(`SELECT version FROM ${scene.database}.sessiongraph_migrations`),
    );
    expect(rows).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it('is refused where a newer one is found, naming both', async () => {
    await (await scene.open()).probe();
    await withServer(service, connection =>
      connection.query(`INSERT INTO ${scene.database}.sessiongraph_migrations VALUES (7, 0)`),
    );
    const store = await scene.open();
    await expect(store.probe()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/version 7.*up to 2/),
    });
  });
});
