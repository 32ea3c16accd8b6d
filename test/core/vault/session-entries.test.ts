import { expect, it, vi } from 'vitest';
import type { StoreError } from '../../../src/core/errors.ts';
import { ORIGIN_HEAD } from '../../../src/core/position.ts';
import { createSealer, newDataKey } from '../../../src/core/sealing/sealer.ts';
import { createSessionEntries } from '../../../src/core/vault/session-entries.ts';
import { createSessionWriter } from '../../../src/core/vault/session-writer.ts';
import { createFaultyStore } from '../../contract/faulty-store.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

function createScene(cacheBytes = 10_000) {
  const clock = createFakeClock();
  const store = createFaultyStore('only', { clock });
  const sealer = createSealer('shop', newDataKey());
  const onFailure = vi.fn<(error: Error) => void>();
  const writer = createSessionWriter({
    sessionId: 'shop',
    epoch: 1,
    head: ORIGIN_HEAD,
    now: clock.monotonicMs,
    apply: change => store.applyChange(change),
    applyReplacement: replacement => store.replaceSession(replacement),
    onFailure,
  });
  const entries = createSessionEntries({
    sessionId: 'shop',
    sealer,
    writer,
    load: names => store.loadEntries('shop', names),
    deadline: { clock, ms: 1_000 },
    cacheBytes,
  });
  const write = (id: string, text: string | undefined) =>
    entries.write([{ type: 'session', id, value: text === undefined ? undefined : Buffer.from(text) }]);
  const read = async (id: string) => {
    const value = (await entries.read('session', [id])).get(id);
    return value && Buffer.from(value).toString();
  };
  const loads = () => store.calls.filter(({ operation }) => operation === 'loadEntries').length;
  return { clock, store, sealer, onFailure, entries, write, read, loads };
}

it('reads its own writes while they are on their way, deletions too', async () => {
  const { store, write, read } = createScene();
  await write('b', 'old');
  const release = store.hold('applyChange');
  const writes = [write('a', '1'), write('a', '2'), write('b', undefined)];
  expect([await read('a'), await read('b')]).toEqual(['2', undefined]);
  release();
  await Promise.all(writes);
  expect([await read('a'), await read('b')]).toEqual(['2', undefined]);
});

it('gives every reader bytes of its own', async () => {
  const { entries, write, read } = createScene();
  await write('a', 'clean');
  (await entries.read('session', ['a'])).get('a')?.fill(0);
  expect(await read('a')).toBe('clean');
});

it('never caches what the store does not have: a refused write leaves nothing behind', async () => {
  const { store, write, read } = createScene();
  await write('a', 'durable');
  store.failNext('applyChange', 'STORE_FENCED');
  await expect(write('a', 'lost')).rejects.toMatchObject({ code: 'STORE_FENCED' });
  expect(await read('a')).toBe('durable');
});

it('does not cache what was read while a newer value was written', async () => {
  const { store, write, read } = createScene(200);
  await write('a', 'old');
  await write('filler', 'x'.repeat(150));
  const release = store.holdAnswers('loadEntries');
  const reading = read('a');
  await settled();
  await write('a', 'new');
  release();
  expect(await reading).toBe('old');
  expect(await read('a')).toBe('new');
});

it('law 14: asks the store once for what fits the cache, and holds no more bytes than it may', async () => {
  const { write, read, loads } = createScene(1_000);
  for (let i = 0; i < 30; i += 1) await write(String(i), 'x'.repeat(100));
  expect([await read('29'), loads()]).toEqual(['x'.repeat(100), 0]);
  for (let i = 0; i < 30; i += 1) await read(String(i));
  // A blob is some 140 bytes, so that at most seven of them fit.
  expect(loads()).toBeGreaterThanOrEqual(23);
  await write('huge', 'x'.repeat(5_000));
  expect(await read('huge')).toBe('x'.repeat(5_000));
});

it('a read that fails for good revokes the handle before its caller learns of it', async () => {
  const { store, onFailure, entries, read } = createScene();
  const order: string[] = [];
  onFailure.mockImplementation(() => void order.push('owner'));
  store.failNext('loadEntries', 'SESSION_CORRUPT');
  await read('a').catch(() => order.push('reader'));
  expect(order).toEqual(['owner', 'reader']);
  const writes = store.calls.filter(({ operation }) => operation === 'applyChange').length;
  await expect(entries.write([{ type: 'session', id: 'a', value: Buffer.of(1) }])).rejects.toMatchObject({
    code: 'SESSION_CORRUPT',
  });
  expect(store.calls.filter(({ operation }) => operation === 'applyChange').length).toBe(writes);
});

it('a read is tried again until the deadline, and one that hangs until then has failed', async () => {
  const { clock, store, onFailure, write, read } = createScene(1);
  await write('a', 'there');
  store.failNext('loadEntries', 'STORE_UNAVAILABLE', 3);
  const reading = read('a');
  await clock.advance(500);
  expect(await reading).toBe('there');
  store.hangNext('loadEntries');
  const hanging = read('a').catch((error: StoreError) => error.code);
  await clock.advance(999);
  expect(onFailure).not.toHaveBeenCalled();
  await clock.advance(1);
  expect([await hanging, onFailure.mock.calls.length]).toEqual(['STORE_UNAVAILABLE', 1]);
});

it('bytes that do not open revoke the handle: they are not "absent"', async () => {
  const { store, sealer, onFailure, write, read } = createScene(1);
  await write('a', 'there');
  const copy = store.disk.copies.get('shop');
  if (!copy) throw new Error('it was written');
  const name = sealer.nameOf('session', 'a');
  store.disk.copies.set('shop', { ...copy, entries: new Map([[name, Buffer.alloc(80, 1)]]) });
  await expect(read('a')).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(onFailure).toHaveBeenCalledOnce();
});

it('a replacement leaves nothing of before, in the cache either', async () => {
  const { entries, write, read } = createScene();
  await write('a', 'old');
  await entries.replace([{ type: 'session', id: 'b', value: Buffer.from('new') }], []);
  await settled();
  expect([await read('a'), await read('b')]).toEqual([undefined, 'new']);
});
