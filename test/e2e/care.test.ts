import { cp, rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
import type { ServerProcess } from '../support/server-process.ts';
import {
  createServerWorld,
  pairByQr,
  SESSION,
  type ServerWorld,
  sendText,
  waitForStatus,
} from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const READ = `query ($id: ID!) { session(id: $id) {
  status linked epoch revision copies { store state }
  history(first: 50) { edges { node { status reason { code } server } } }
} }`;
const input = (
  name: string,
  fields: string,
) => `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
  ${name}(input: $input) { ${fields} }
}`;
const read = async ({ api }: ServerProcess) => (await api.request(READ, { id: SESSION })).session;
const second = () => `file:${world.secondStore}`;

async function talk(server: ServerProcess, text: string): Promise<void> {
  await sendText(server, '+15550002', text);
  await world.contact.waitForText(text, 5);
}

it('law 8: deletes everywhere, unlinks the phone, stays deleted over a restart, and begins again above the tombstone', async () => {
  const server = await world.start();
  const device = await pairByQr(server, world.phone);
  const before = await read(server);
  const deleted: string[] = [];
  server.api.subscribe('subscription { sessionDeleted }', {}, ({ sessionDeleted }) =>
    deleted.push(sessionDeleted),
  );
  await server.api.subscribed();
  const mutation = input('deleteSession', 'id deletedFrom pendingIn unlinked');
  const { deleteSession } = await server.api.request(mutation, { input: { id: SESSION } });
  expect(deleteSession).toEqual({
    id: SESSION,
    deletedFrom: ['file', second()],
    pendingIn: [],
    unlinked: true,
  });
  await until('the deletion is told', () => deleted.includes(SESSION));
  expect(await read(server)).toBeNull();
  expect(device.isRemoved).toBe(true);
  await server.kill('SIGTERM');

  const again = await world.start();
  expect(await read(again)).toBeNull();
  await again.api.request(input('createSession', 'session { id }'), { input: { id: SESSION } });
  const after = await read(again);
  expect(Number(after.epoch)).toBeGreaterThan(Number(before.epoch));
  expect(Number(after.revision)).toBeGreaterThan(Number(before.revision));
  expect(after.linked).toBe(false);
});

it('deletes from a named store, keeps it out, and lets it in again by a sync', async () => {
  const server = await world.start();
  await pairByQr(server, world.phone);
  const remove = input('deleteSession', 'deletedFrom pendingIn unlinked');
  const all = server.api.request(remove, { input: { id: SESSION, stores: ['file', second()] } });
  await expect(all).rejects.toThrow(/BAD_USER_INPUT/);
  const { deleteSession } = await server.api.request(remove, { input: { id: SESSION, stores: [second()] } });
  expect(deleteSession).toEqual({ deletedFrom: [second()], pendingIn: [], unlinked: false });
  await waitForStatus(server.api, 'CONNECTED');
  await talk(server, 'with one store');
  expect((await read(server)).copies.map(({ state }: { state: string }) => state)).toEqual([
    'IN_SYNC',
    'EXCLUDED',
  ]);
  await server.api.request(input('syncSession', 'session { id }'), {
    input: { id: SESSION, store: second() },
  });
  await waitForStatus(server.api, 'CONNECTED');
  await talk(server, 'with both again');
  expect((await read(server)).copies.map(({ state }: { state: string }) => state)).toEqual([
    'IN_SYNC',
    'IN_SYNC',
  ]);
  expect(world.simulator.anomalies).toEqual([]);
});

it('law 2: goes back to an old backup only when told to, and its ratchets are safe then', async () => {
  const first = await world.start();
  await pairByQr(first, world.phone);
  await talk(first, 'before the backup');
  await first.kill('SIGTERM');
  const backup = `${world.secondStore}-backup`;
  await cp(world.secondStore, backup, { recursive: true });

  const next = await world.start();
  await waitForStatus(next.api, 'CONNECTED');
  await talk(next, 'after the backup, one');
  await talk(next, 'after the backup, two');
  await next.api.request(input('stopSession', 'session { id }'), { input: { id: SESSION } });
  await next.kill('SIGTERM');
  await rm(world.secondStore, { recursive: true });
  await cp(backup, world.secondStore, { recursive: true });

  const server = await world.start();
  const restore = input('restoreSession', 'restoredFrom session { revision }');
  const refused = server.api.request(restore, { input: { id: SESSION, from: second() } });
  await expect(refused).rejects.toThrow(/STORE_STALE/);
  const { revision } = await read(server);
  const request = { input: { id: SESSION, from: second(), acceptStale: true } };
  const { restoreSession } = await server.api.request(restore, request);
  expect(restoreSession.restoredFrom).toBe(second());
  expect(Number(restoreSession.session.revision)).toBeGreaterThan(Number(revision));
  await server.api.request(input('startSession', 'session { id }'), { input: { id: SESSION } });
  await waitForStatus(server.api, 'CONNECTED');
  await talk(server, 'on restored ratchets');
  await world.contact.sendText(world.phone, 'can you read me?', { from: 'companion' });
  const { history } = await read(server);
  const codes = history.edges.map(({ node }: { node: { reason?: { code: string } } }) => node.reason?.code);
  expect(codes).toContain('RESTORED_STALE');
  expect(world.simulator.anomalies).toEqual([]);
});

it('opens a copy that may be behind with safe ratchets, and says so in the history', async () => {
  const first = await world.start({ WRITE_ACK: 'first' });
  await pairByQr(first, world.phone);
  await talk(first, 'known to the first store for sure');
  await first.kill('SIGKILL');
  await world.wipeFirstStore();
  const server = await world.start({ WRITE_ACK: 'first' });
  await waitForStatus(server.api, 'CONNECTED');
  await talk(server, 'from the second store');
  const { history } = await read(server);
  const codes = history.edges.map(({ node }: { node: { reason?: { code: string } } }) => node.reason?.code);
  expect(codes).toContain('POSSIBLY_BEHIND');
  expect(world.simulator.anomalies.filter(({ kind }) => kind === 'ratchet-reuse')).toEqual([]);
});

it('pairs by a code typed on the phone', async () => {
  const server = await world.start();
  await server.api.request(input('createSession', 'session { id }'), { input: { id: SESSION } });
  const ask = input('requestPairingCode', 'pairingCode { code expiresAt } session { status }');
  const request = { input: { id: SESSION, phoneNumber: '+15550001' } };
  const { requestPairingCode } = await server.api.request(ask, request);
  expect(requestPairingCode.pairingCode.code).toMatch(/^[1-9A-HJ-NP-TV-Z]{8}$/);
  await world.phone.typeCode(requestPairingCode.pairingCode.code);
  await waitForStatus(server.api, 'CONNECTED');
  await talk(server, 'paired by code');
  await expect(server.api.request(ask, request)).rejects.toThrow(/SESSION_ALREADY_LINKED/);
  expect(world.simulator.anomalies).toEqual([]);
});
