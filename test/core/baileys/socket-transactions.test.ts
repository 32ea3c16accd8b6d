import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys';
import { expect, it, vi } from 'vitest';
import { socketTransactions } from '../../../src/core/baileys/socket-transactions.ts';
import { createDeferred } from '../../../src/core/deferred.ts';
import { pair, startSessionScene } from '../../support/session-scene.ts';

type Tokens = Record<string, { token: Buffer }>;
const token = (text: string) => ({ token: Buffer.from(text) });

function createScene(content: Tokens = {}) {
  const stored = new Map(Object.entries(content));
  const sets: SignalDataSet[] = [];
  const store: SignalKeyStore = {
    async get(_type, ids) {
      return Object.fromEntries(ids.flatMap(id => (stored.has(id) ? [[id, stored.get(id)]] : []))) as never;
    },
    async set(data) {
      sets.push(data);
      for (const [id, value] of Object.entries(data.tctoken ?? {}))
        value ? stored.set(id, value) : stored.delete(id);
    },
  };
  const keys = socketTransactions(store);
  return { sets, stored, keys, get: async (...ids: string[]) => Object.keys(await keys.get('tctoken', ids)) };
}

it('shows what a transaction wrote inside of it only, and hands it to the store as one change', async () => {
  const { keys, sets, get } = createScene({ old: token('1') });
  await keys.transaction(async () => {
    await keys.set({ tctoken: { one: token('1'), old: null } });
    await keys.set({ tctoken: { two: token('2') }, 'device-list': { x: ['0'] } });
    expect(await get('one', 'two', 'old')).toEqual(['one', 'two']);
    expect(sets).toEqual([]);
  }, 'me');
  expect(sets).toEqual([
    { tctoken: { one: token('1'), old: null, two: token('2') }, 'device-list': { x: ['0'] } },
  ]);
  expect(await get('one', 'old')).toEqual(['one']);
});

it('writes nothing where the work fails, and goes on with the next', async () => {
  const { keys, sets } = createScene();
  const failing = keys.transaction(async () => {
    await keys.set({ tctoken: { one: token('1') } });
    throw new Error('not sent');
  }, 'me');
  await expect(failing).rejects.toThrow('not sent');
  await keys.transaction(async () => keys.set({ tctoken: { two: token('2') } }), 'me');
  expect(sets).toEqual([{ tctoken: { two: token('2') } }]);
});

it('a read that takes its time does not hide what was written meanwhile', async () => {
  const asked = createDeferred();
  const keys = socketTransactions({
    async get() {
      await asked.promise;
      return { one: token('old') } as never;
    },
    set: async () => {},
  });
  const seen = await keys.transaction(async () => {
    const reading = keys.get('tctoken', ['one']);
    await keys.set({ tctoken: { one: token('new') } });
    asked.resolve();
    return reading;
  }, 'me');
  expect(seen).toEqual({ one: token('new') });
});

it('lets those of one name take turns, those of others not wait, and what is outside pass', async () => {
  const { keys } = createScene();
  const order: string[] = [];
  const gate = createDeferred();
  const first = keys.transaction(async () => {
    await gate.promise;
    order.push('first');
  }, 'me');
  const second = keys.transaction(async () => void order.push('second'), 'me');
  await keys.transaction(async () => void order.push('another name'), 'group');
  expect(keys.isInTransaction()).toBe(false);
  gate.resolve();
  await Promise.all([first, second]);
  expect(order).toEqual(['another name', 'first', 'second']);
});

it('a transaction in one of its own session is part of it; one in that of another session is not', async () => {
  const [mine, other] = [createScene(), createScene()];
  await mine.keys.transaction(async () => {
    await other.keys.transaction(async () => {
      await other.keys.set({ tctoken: { theirs: token('1') } });
      // libsignal's queue of jobs is one for the whole process.
      await mine.keys.transaction(async () => mine.keys.set({ tctoken: { ours: token('2') } }), 'me');
    }, 'me');
    expect(other.sets).toEqual([{ tctoken: { theirs: token('1') } }]);
    expect(mine.sets).toEqual([]);
  }, 'me');
  expect(mine.sets).toEqual([{ tctoken: { ours: token('2') } }]);
});

it('however many sockets there are, their transactions have one AsyncLocalStorage', async () => {
  const scene = await startSessionScene();
  const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
  try {
    const manager = await scene.startManager();
    for (const name of ['one', 'two', 'three']) {
      const phone = scene.simulator.createPhone({ number: `1555000${name.length}${name.charCodeAt(0)}` });
      await pair(manager, phone, name);
      await manager.sendText({ id: name, to: scene.contact.jid, text: name });
    }
    const transactions = run.mock.calls.flatMap(([store], place) =>
      typeof store === 'object' && store !== null && 'written' in store ? [run.mock.contexts[place]] : [],
    );
    const ofBaileys = run.mock.calls.filter(
      ([store]) => typeof store === 'object' && store !== null && 'mutations' in store,
    );
    expect(transactions.length).toBeGreaterThan(3);
    expect(new Set(transactions).size).toBe(1);
    expect(ofBaileys).toEqual([]);
  } finally {
    run.mockRestore();
    await scene.close();
  }
});
