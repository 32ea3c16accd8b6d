import { connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import {
  changeOf,
  codeOf,
  headAt,
  replacementOf,
  type Values,
  valuesOf,
} from '../../contract/sample-changes.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { openCuttingProxy } from './cutting-proxy.ts';
import { useTidbScene } from './tidb-scene.ts';
import { optionsFor, withServer } from './tidb-store-subject.ts';

const ID = 'personal';
const FIRST = changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1' });
const SECOND = changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'c2', key: 'k2' });
const errorOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('resolved'),
    e => e,
  );

describeWithSql('the connections of the tidb store', service => {
  const scene = useTidbScene(service);
  const { host, port } = optionsFor(service, '');
  const proxied = async (
    use: (store: SessionStore, proxy: Awaited<ReturnType<typeof openCuttingProxy>>) => Promise<void>,
  ) => {
    const proxy = await openCuttingProxy({ host, port });
    try {
      await use(
        await scene.open({
          host: '127.0.0.1',
          port: proxy.port,
          statementTimeoutMs: 500,
          connectTimeoutMs: 500,
        }),
        proxy,
      );
    } finally {
      await proxy.close();
    }
  };

  it('an answer that is lost changes nothing: the change is there once', async () => {
    await proxied(async (store, proxy) => {
      await store.probe();
      const losing = async (text: string, call: () => Promise<void>) => {
        const lost = proxy.loseAnswerTo(text);
        await call();
        await lost;
      };
      await losing('COMMIT', () => store.applyChange(FIRST));
      await losing('FOR UPDATE', () => store.applyChange(SECOND));
      expect(await valuesOf(store, ID)).toEqual({ creds: 'c2', key: 'k2' });
      await losing('COMMIT', () => store.replaceSession(replacementOf(ID, headAt(2, 5), { creds: 'r' })));
      expect(await valuesOf(store, ID)).toEqual({ creds: 'r' });
      expect(await store.readHead(ID)).toMatchObject({ ...headAt(2, 5), fence: 2 });
    });
  });

  it('nor does that to a prepared statement, and what it deleted leaves nothing behind', async () => {
    await proxied(async (store, proxy) => {
      const change = (revision: number, values: Values) =>
        store.applyChange(changeOf(ID, headAt(1, revision - 1), headAt(1, revision), values));
      await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1', key: 'k1' }));
      for (const revision of [2, 3]) await change(revision, { creds: `c${revision}` });
      // Its values go beside it as they are, the new head among them.
      const lost = proxy.loseAnswerTo('"revision":4');
      await change(4, { key: undefined });
      await lost;
      expect(await valuesOf(store, ID)).toEqual({ creds: 'c3' });
      const rows = () =>
        withServer(service, async connection => {
          const [found] = await connection.query(
            `SELECT name FROM ${scene.database}.sessiongraph_entries WHERE generation > 0`,
          );
          return String((found as { name: Buffer }[]).map(({ name }) => name));
        });
      await expect.poll(rows, { timeout: 10_000 }).toBe('creds');
    });
  });

  it('a server that swallows everything fails calls within a bounded time', async () => {
    await proxied(async (store, proxy) => {
      await store.applyChange(FIRST);
      proxy.swallowAll();
      const start = performance.now();
      expect(await codeOf(store.applyChange(SECOND))).toBe('STORE_UNAVAILABLE');
      expect(await codeOf(store.readHead(ID))).toBe('STORE_UNAVAILABLE');
      expect(await codeOf(store.loadSession(ID))).toBe('STORE_UNAVAILABLE');
      expect(performance.now() - start).toBeLessThan(10_000);
    });
  });

  it('connections that were killed between calls go unnoticed', async () => {
    const store = await scene.open();
    await Promise.all([
      store.applyChange(FIRST),
      store.readHead('a'),
      store.readHead('b'),
      store.readHead('c'),
    ]);
    await withServer(service, async connection => {
      const [rows] = await connection.query('SHOW PROCESSLIST');
      const own = (rows as { Id: number; db: string }[]).filter(({ db }) => db === scene.database);
      expect(own.length).toBeGreaterThan(0);
      for (const { Id } of own) await connection.query(`KILL ${Id}`);
    });
    await store.applyChange(SECOND);
    expect(await valuesOf(store, ID)).toEqual({ creds: 'c2', key: 'k2' });
  });

  it('an owner that falls silent in the middle of a transaction has no locks any more when a third of its lease is over', async () => {
    const proxy = await openCuttingProxy({ host, port });
    const through = { host: '127.0.0.1', port: proxy.port, statementTimeoutMs: 300 };
    const [heir, dying] = await Promise.all([
      scene.open(),
      scene.open({ ...through, leaseLifetimeMs: 12_000 }),
    ]);
    try {
      await heir.applyChange(FIRST);
      await dying.probe();
      proxy.dieAfter('for update');
      expect(await codeOf(dying.applyChange({ ...SECOND, head: headAt(1, 2, 'x') }))).toBe(
        'STORE_UNAVAILABLE',
      );
      const silentSince = performance.now();
      await heir.applyChange(SECOND);
      expect(await valuesOf(heir, ID)).toEqual({ creds: 'c2', key: 'k2' });
      expect(performance.now() - silentSince).toBeLessThan(12_000 / 3);
    } finally {
      await proxy.close();
    }
  });

  it('all connections in use: the call is refused, not kept for ever', async () => {
    const values = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key:${index}`, 'v']));
    const store = await scene.open({ snapshotLimit: 1, connectTimeoutMs: 300 });
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), values));
    const held = await store.loadSession(ID);
    const error = await errorOf(store.loadSession(ID));
    expect(error).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('no free connection'),
    });
    await held?.entries[Symbol.asyncIterator]().return?.();
    expect(Object.keys((await valuesOf(store, ID)) ?? {})).toHaveLength(600);
  });

  it('a server that is away at open may come later', async () => {
    const first = await openCuttingProxy({ host, port });
    const taken = first.port;
    await first.close();
    const store = await scene.open({ host: '127.0.0.1', port: taken });
    expect(await codeOf(store.probe())).toBe('STORE_UNAVAILABLE');
    expect(await codeOf(store.readHead(ID))).toBe('STORE_UNAVAILABLE');
    // Any server will do; that it is the same port is what the client needs.
    const late = createServer(client => {
      const server = connect({ host, port });
      client
        .on('error', () => undefined)
        .pipe(server)
        .on('error', () => undefined)
        .pipe(client);
    });
    await new Promise<void>(resolve => late.listen(taken, '127.0.0.1', resolve));
    await store.applyChange(FIRST);
    expect(await valuesOf(store, ID)).toEqual({ creds: 'c1' });
    await store.close();
    late.close();
  });

  it('a refused user and a database one may not create are told, without the secret', async () => {
    await (await scene.open()).probe();
    const wrong = await scene.open({ user: 'nobody', password: 'hunter2' });
    const refused = await errorOf(wrong.readHead(ID));
    expect(refused).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('password'),
    });
    expect(`${refused.message} ${refused.stack} ${JSON.stringify(refused)} ${refused.cause}`).not.toContain(
      'hunter2',
    );

    const user = `sg_${scene.database.slice(-8)}`;
    await withServer(service, async connection => {
      await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2'`);
      await connection.query(`GRANT ALL ON ${scene.database}.* TO '${user}'@'%'`);
    });
    try {
      const elsewhere = await scene.open({ user, password: 'hunter2', database: 'sg_not_ours' });
      expect(await errorOf(elsewhere.probe())).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('sg_not_ours'),
      });
    } finally {
      await withServer(service, connection => connection.query(`DROP USER '${user}'@'%'`));
    }
  });

  it('a server without TLS is told where TLS is on', async () => {
    const store = await scene.open({ tls: 'on' });
    expect(await errorOf(store.probe())).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/TLS|certificate/),
    });
  });
});
