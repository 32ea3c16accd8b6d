import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openTidbStore } from '../../src/plugins/store-tidb/index.ts';
import { valuesOf } from '../contract/sample-changes.ts';
import { createDatabase, type Database } from '../support/database.ts';
import { type DatabaseServer, startDatabase } from '../support/database-server.ts';
import { describeWithOwnServer } from '../support/services.ts';
import { createRealChain, SESSION } from './real-chain.ts';
import { openRootLine, type RootLine } from './root-line.ts';

const OURS = 'correct-horse';

// FerretDB knows no users on SQLite: it takes any password by PLAIN, and none by SCRAM.
describeWithOwnServer('mariadb', 'a user with a password', () => {
  let server: DatabaseServer;
  let root: RootLine;
  beforeAll(async () => {
    server = await startDatabase('mariadb');
    root = await openRootLine(server);
    await root.run(`CREATE USER shop@'%' IDENTIFIED BY '${OURS}'`);
    await root.run(`GRANT ALL ON *.* TO shop@'%'`);
  });
  afterAll(async () => {
    await root?.close();
    await server?.stop();
  });

  /** The chain's store is a user with a password; who looks past the proxy is root. */
  function asUser(database: Database): Database {
    const { TIDB_DATABASE = '' } = database.environment();
    return {
      ...database,
      open: how =>
        how?.port === undefined
          ? database.open(how)
          : openTidbStore({
              name: 'tidb',
              host: '127.0.0.1',
              port: how.port,
              user: 'shop',
              password: OURS,
              database: TIDB_DATABASE,
              tls: 'off',
            }),
    };
  }

  it('law 10: a password that is refused is told without it, stops nobody, and is taken when it is put right', async () => {
    const database = asUser(createDatabase(server.url));
    const scene = await createRealChain(database, { awaited: 'file' });
    onTestFinished(() => scene.close());
    const owner = await scene.open();
    await owner.write({ creds: 'before' });
    await scene.converged();
    await root.run(`ALTER USER shop@'%' IDENTIFIED BY 'another-one'`);
    await root.run('KILL USER shop');
    await owner.write({ creds: 'while it was refused' });

    const store = await database.open({ port: server.port });
    onTestFinished(() => store.close());
    const error = await store.probe().then(
      () => new Error('it was not refused'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', store: 'tidb' });
    expect(error.message).toMatch(/tidb.*refuses the user name or the password/);
    expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain(OURS);

    await root.run(`ALTER USER shop@'%' IDENTIFIED BY '${OURS}'`);
    await scene.converged();
    expect(await valuesOf(scene.direct, SESSION)).toEqual({ creds: 'while it was refused' });
    await owner.close();
  });
});
