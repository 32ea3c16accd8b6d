import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import { createDatabase, type Database } from '../support/database.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { createWarmLauncher, type Launcher, type ServerProcess } from '../support/server-process.ts';
import {
  createServerWorld,
  pairByQr,
  SESSION,
  type ServerWorld,
  sendText,
  waitForStatus,
} from '../support/server-world.ts';

const STOPS = 4;
const READ = `query ($id: ID!) { session(id: $id) { status linked revision copies { store state } } }`;

/** Sync, restore and delete by the public interface, with a real server process and a real database. */
export function testServerCare(url: string): void {
  let database: Database;
  let proxy: FaultProxy;
  let world: ServerWorld;
  let launcher: Launcher;
  beforeAll(() => {
    launcher = createWarmLauncher();
  });
  afterAll(() => launcher.close());
  beforeEach(async () => {
    database = createDatabase(url);
    proxy = await startFaultProxy({ port: database.serverPort });
    const stores = { STORES: `file,${database.store}`, STORE_DEADLINE_MS: '3000' };
    world = await createServerWorld({
      // It outlives the worlds: the next server is warm when it is wanted.
      launcher: { ...launcher, close() {} },
      environment: { ...stores, ...database.environment(proxy.port) },
    });
  });
  afterEach(async () => {
    await world.close();
    await proxy.close();
    await database.drop();
  });

  const read = async ({ api }: ServerProcess) => (await api.request(READ, { id: SESSION })).session;
  const states = async (server: ServerProcess): Promise<string[]> =>
    (await read(server)).copies.map(({ state }: { state: string }) => state);
  const showing = (server: ServerProcess, ...wanted: string[]) =>
    until(`the copies are ${wanted}`, async () => (await states(server)).join() === wanted.join());

  function ask(server: ServerProcess, mutation: string, fields: string, input: object = {}) {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} } }`;
    return server.api.request(query, { input: { id: SESSION, ...input } }).then(data => data[mutation]);
  }

  async function listen({ api }: ServerProcess, seen: Set<string>): Promise<void> {
    const query = 'subscription { messageReceived { text } }';
    api.subscribe(query, {}, ({ messageReceived: { text } }) => seen.add(text));
    await api.subscribed();
  }

  async function talk(server: ServerProcess, text: string): Promise<void> {
    await sendText(server, '+15550002', text);
    await world.contact.waitForText(text, 5);
  }

  it('comes back on another machine with an empty disk: no QR code, and the ratchets go on', async () => {
    const first = await world.start();
    await pairByQr(first, world.phone);
    await talk(first, 'from the first machine');
    await first.kill('SIGKILL');
    await world.wipeFirstStore();
    const codes = world.simulator.qrCodesIssued;

    const second = await world.start({ INSTANCE_ID: 'another-machine' });
    await waitForStatus(second.api, 'CONNECTED');
    await talk(second, 'from the second machine');
    await world.contact.sendText(world.phone, 'do you read me?', { from: 'companion' });
    await showing(second, 'IN_SYNC', 'IN_SYNC');
    expect(world.simulator.qrCodesIssued).toBe(codes);
    expect(world.simulator.anomalies).toEqual([]);
  });

  it('what WhatsApp counts as delivered while the server stops was shown to whoever subscribed', async () => {
    const seen = new Set<string>();
    let server = await world.start();
    const device = await pairByQr(server, world.phone);
    for (let stop = 1; stop <= STOPS; stop += 1) {
      await listen(server, seen);
      // Each text is on its way into the database for a while: also when the stop comes.
      proxy.become({ kind: 'latency', ms: 40 });
      const texts = Array.from({ length: 10 }, (_, place) => `${stop}.${place}`);
      const sending = texts.map(text => world.contact.sendText(world.phone, text));
      await until('texts arrive', () => seen.has(`${stop}.0`));
      await server.kill('SIGTERM');
      const goneAt = Date.now();
      await Promise.all(sending);
      proxy.become({ kind: 'good' });
      server = await world.start();
      await listen(server, seen);
      await until('everything is settled', () => device.queued === 0);
      // What the next server knew already was taken over by this one; what is new there may come before anybody listens.
      const taken = world.simulator.settled.filter(
        ({ at, outcome }) => at <= goneAt || outcome === 'duplicate',
      );
      expect(taken.filter(({ text }) => texts.includes(text) && !seen.has(text))).toEqual([]);
    }
  });

  it('a database that is away is shown, delays nothing, and is told by a sync when it is back', async () => {
    const server = await world.start({ WRITE_ACK: 'first' });
    await pairByQr(server, world.phone);
    await showing(server, 'IN_SYNC', 'IN_SYNC');
    proxy.become({ kind: 'reset' });
    await talk(server, 'while the database is away');
    await showing(server, 'IN_SYNC', 'UNREACHABLE');
    await expect(ask(server, 'syncSession', 'session { id }', { store: database.store })).rejects.toThrow(
      /STORE_UNAVAILABLE/,
    );
    proxy.become({ kind: 'good' });
    await ask(server, 'syncSession', 'session { id }', { store: database.store });
    expect(await states(server)).toEqual(['IN_SYNC', 'IN_SYNC']);
  });

  it('restores from the database while connected, as a new revision', async () => {
    const server = await world.start();
    await pairByQr(server, world.phone);
    await talk(server, 'before');
    const { revision } = await read(server);
    const restored = await ask(server, 'restoreSession', 'restoredFrom session { revision }', {
      from: database.store,
    });
    expect(restored.restoredFrom).toBe(database.store);
    expect(Number(restored.session.revision)).toBeGreaterThan(Number(revision));
    await waitForStatus(server.api, 'CONNECTED');
    await talk(server, 'after');
    expect(world.simulator.anomalies).toEqual([]);
  });

  it('law 8: deleted while the database is away, it does not come back with it', async () => {
    const server = await world.start({ WRITE_ACK: 'first' });
    await pairByQr(server, world.phone);
    await showing(server, 'IN_SYNC', 'IN_SYNC');
    proxy.become({ kind: 'reset' });
    const deletion = await ask(server, 'deleteSession', 'deletedFrom pendingIn');
    expect(deletion).toEqual({ deletedFrom: ['file'], pendingIn: [database.store] });
    await server.kill('SIGTERM');
    proxy.become({ kind: 'good' });
    const again = await world.start();
    expect(await read(again)).toBeNull();
    await again.api.request('{ sessions { edges { node { id } } } }');
    const store = await database.open();
    await until('the database has the tombstone', async () => (await store.readHead(SESSION))?.deleted);
    await store.close();
    expect(await read(again)).toBeNull();
  });

  it('keeps a session out of the database, and lets it in by a sync', async () => {
    const server = await world.start();
    await pairByQr(server, world.phone);
    const { deletedFrom } = await ask(server, 'deleteSession', 'deletedFrom', { stores: [database.store] });
    expect(deletedFrom).toEqual([database.store]);
    await waitForStatus(server.api, 'CONNECTED');
    await talk(server, 'on the file alone');
    expect(await states(server)).toEqual(['IN_SYNC', 'EXCLUDED']);
    await ask(server, 'syncSession', 'session { id }', { store: database.store });
    await showing(server, 'IN_SYNC', 'IN_SYNC');
  });
}
