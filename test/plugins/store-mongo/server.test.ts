import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { mongoServiceUrl } from '../../support/mongo-service.ts';
import { describeWithService } from '../../support/services.ts';
import { dropDatabase, newDatabaseUri, onDatabase, openMongo } from './mongo-store-subject.ts';

const ID = 'personal';
const FIRST = changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c' });
const SHORT = { serverSelectionTimeoutMs: 1500, connectTimeoutMs: 300, socketTimeoutMs: 500, restMs: 200 };

/** As much as Node reads at once. */
const PIECE_BYTES = 64 << 10;

/** Between a store and its server; can swallow answers. */
async function openProxy(port = 0) {
  const target = new URL(mongoServiceUrl().replace('mongodb:', 'http:'));
  const sockets = new Set<Socket>();
  let cutAfter: string | undefined;
  let isChoking = false;
  const server: Server = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    let isCut = false;
    client.on('data', data => {
      if (cutAfter !== undefined && data.includes(cutAfter)) isCut = true;
      upstream.write(data);
      if (!isChoking || data.length < PIECE_BYTES) return;
      isChoking = false;
      client.pause();
    });
    upstream.on('data', data => {
      if (!isCut) return client.write(data);
      cutAfter = undefined;
      client.destroy();
      upstream.destroy();
    });
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    /** The next command with this text in it is carried out, and its answer is lost with the connection. */
    loseAnswerOf: (text: string) => {
      cutAfter = text;
    },
    /** Of the next command that comes in many pieces only the first are read: whoever writes it waits. */
    chokeOnce: () => {
      isChoking = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

describeWithService('mongodb', 'the mongo store and its server', () => {
  let uri: string;
  let store: SessionStore | undefined;
  beforeEach(() => {
    uri = newDatabaseUri();
    store = undefined;
  });
  afterEach(async () => {
    await store?.close();
    await dropDatabase(uri);
  });
  const through = (port: number) => uri.replace(/127\.0\.0\.1:\d+|localhost:\d+/, `127.0.0.1:${port}`);

  it('finds out after a lost answer that the change landed, and only once', async () => {
    const proxy = await openProxy();
    store = await openMongo(through(proxy.port), SHORT);
    await store.applyChange(FIRST);
    const second = changeOf(ID, headAt(1, 1), headAt(1, 2), { key: 'k' });
    proxy.loseAnswerOf('sessiongraph_changes');
    await expect(store.applyChange(second)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('cannot write: the connection failed'),
    });
    await store.applyChange(second);
    await store.applyChange(changeOf(ID, headAt(1, 2), headAt(1, 3), { more: 'm' }));
    expect(await valuesOf(store, ID)).toEqual({ creds: 'c', key: 'k', more: 'm' });
    await store.close();
    await proxy.close();
  });

  it('opens while its server is away, says so, and works when it comes', async () => {
    const probe = await openProxy();
    await probe.close();
    store = await openMongo(through(probe.port), SHORT);
    expect(await codeOf(store.readHead(ID))).toBe('STORE_UNAVAILABLE');
    const startedAt = performance.now();
    expect(await codeOf(store.applyChange(FIRST))).toBe('STORE_UNAVAILABLE');
    expect(performance.now() - startedAt, 'the second call does not wait again').toBeLessThan(1000);
    const proxy = await openProxy(probe.port);
    await expect
      .poll(
        () =>
          store?.applyChange(FIRST).then(
            () => 'done',
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('done');
    expect(await valuesOf(store, ID)).toEqual({ creds: 'c' });
    await store.close();
    await proxy.close();
  });

  it('does not wait for ever for a server that takes commands and never answers', async () => {
    const server = createServer(socket => socket.on('error', () => {}));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    store = await openMongo(through(port), SHORT);
    expect(await codeOf(store.probe())).toBe('STORE_UNAVAILABLE');
    await store.close();
    server.close();
  });

  it('does not wait for ever for a connection that was given up in the middle of a large write', async () => {
    const proxy = await openProxy();
    store = await openMongo(through(proxy.port), { ...SHORT, socketTimeoutMs: 1500 });
    await store.applyChange(FIRST);
    proxy.chokeOnce();
    // More than the sockets between the two hold.
    const values = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map(key => [`key:${key}`, 'x'.repeat(1 << 20)]));
    const large = changeOf(ID, headAt(1, 1), headAt(1, 2), values);
    expect(await codeOf(store.applyChange(large))).toBe('STORE_UNAVAILABLE');
    await store.applyChange(large);
    await store.close();
    await proxy.close();
  });

  it('names what is wrong and never the password', async () => {
    const secret = 'hunter2-secret';
    const messages: string[] = [];
    for (const address of [`127.0.0.1:1/x`, `${new URL(uri.replace('mongodb:', 'http:')).host}/x`]) {
      const refused = await openMongo(`mongodb://user:${secret}@${address}`, SHORT);
      const error = await refused.probe().then(
        () => new Error('it was not refused'),
        (reason: Error) => reason,
      );
      messages.push(`${error.message} ${JSON.stringify(error)}`);
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', store: 'mongo' });
      await refused.close();
    }
    const invalid = await openMongo(`mongodb://user:${secret}@`).catch((reason: Error) => reason);
    expect(invalid).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    messages.push(`${(invalid as Error).message}`);
    expect(messages.filter(message => message.includes(secret))).toEqual([]);
  });

  it('refuses a database that a newer version wrote, naming both layouts', async () => {
    await onDatabase(uri, db =>
      db
        .collection<{ _id: string; version: number }>('sessiongraph_meta')
        .insertOne({ _id: 'layout', version: 2 }),
    );
    store = await openMongo(uri);
    const newer = store;
    for (const ask of [() => newer.readHead(ID), () => newer.applyChange(FIRST), () => newer.probe()]) {
      const call = ask();
      await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await expect(call).rejects.toThrow(/layout 2.*layout 1/);
    }
  });

  it('serves many calls over one connection', async () => {
    store = await openMongo(uri, { driver: { maxPoolSize: 1 } });
    const ids = Array.from({ length: 25 }, (_, index) => `s${index}`);
    const opened = store;
    await Promise.all(ids.map(sessionId => opened.applyChange({ ...FIRST, sessionId })));
    const found = await Promise.all(ids.map(sessionId => opened.loadEntries(sessionId, ['creds'])));
    expect(found.every(({ size }) => size === 1)).toBe(true);
  });
});
