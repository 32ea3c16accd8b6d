import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { createDeferred, type Deferred } from '../../../src/core/deferred.ts';
import { ORIGIN_HEAD } from '../../../src/core/position.ts';
import type { Change, EntryChange, Replacement } from '../../../src/core/store.ts';
import { createSessionWriter, type SessionWriter } from '../../../src/core/vault/session-writer.ts';
import { opened, sealed } from '../../contract/sample-changes.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

interface Sent {
  readonly change: Change;
  readonly answer: Deferred<void>;
}

/** Batches wait for their answers, unless something else answers them. */
function createScene(answerAll?: () => Promise<void>) {
  const sent: Sent[] = [];
  const replaced: Array<{ replacement: Replacement; answer: Deferred<void> }> = [];
  const onFailure = vi.fn<(error: Error) => void>();
  const clock = createFakeClock();
  const writer = createSessionWriter({
    sessionId: 'shop',
    epoch: 3,
    head: ORIGIN_HEAD,
    now: clock.monotonicMs,
    apply(change) {
      const answer = createDeferred();
      sent.push({ change, answer });
      return answerAll?.() ?? answer.promise;
    },
    applyReplacement(replacement) {
      const answer = createDeferred();
      replaced.push({ replacement, answer });
      return answer.promise;
    },
    onFailure,
  });
  return { clock, writer, sent, replaced, onFailure };
}

const put = (name: string, text: string): EntryChange => ({ name, value: sealed(text) });
const textsOf = ({ change }: Sent) =>
  change.entries.map(({ name, value }) => `${name}=${value && opened(value)}`);

/** How a promise came out, as far as it did. */
async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  let outcome = 'pending';
  promise.then(
    () => {
      outcome = 'resolved';
    },
    (error: Error) => {
      outcome = error.message;
    },
  );
  await settled();
  return outcome;
}

it('law 4: sends one batch at a time and merges what arrives meanwhile, the newest value of an entry winning', async () => {
  const { writer, sent } = createScene();
  const first = writer.write([put('a', '1')]);
  await settled();
  const later = [put('b', '1'), put('a', '2'), put('b', '2')].map(entry => writer.write([entry]));
  expect(sent.map(textsOf)).toEqual([['a=1']]);
  expect(writer.head()).toMatchObject({ epoch: 3, revision: 4 });
  expect(await outcomeOf(first)).toBe('pending');
  sent[0]?.answer.resolve();
  await first;
  await settled();
  expect(sent.map(textsOf)).toEqual([['a=1'], ['b=2', 'a=2']]);
  expect(await outcomeOf(later[0] as Promise<void>)).toBe('pending');
  sent[1]?.answer.resolve();
  await Promise.all(later);
  expect(sent.map(({ change }) => [change.base.revision, change.head.revision])).toEqual([
    [0, 1],
    [1, 4],
  ]);
  expect(sent.every(({ change }) => change.fence === 3)).toBe(true);
});

it('shows the newest value that is not durable yet, also that an entry is about to go', async () => {
  const { writer, sent } = createScene();
  void writer.write([put('a', '1')]);
  expect(writer.peek('a')).toEqual(put('a', '1'));
  await settled();
  void writer.write([{ name: 'a', value: undefined }]);
  expect(writer.peek('a')).toEqual({ name: 'a', value: undefined });
  sent[0]?.answer.resolve();
  await settled();
  sent[1]?.answer.resolve();
  await settled();
  expect(writer.peek('a')).toBeUndefined();
});

it('takes 50 writes in a row, each awaited before the next', async () => {
  const { writer, sent } = createScene();
  for (let i = 0; i < 50; i += 1) {
    const written = writer.write([put('a', String(i))]);
    await settled();
    sent.at(-1)?.answer.resolve();
    await written;
  }
  expect(sent.map(({ change }) => change.head.revision)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
});

it('arrives at the same heads in whatever batches the changes travel', async () => {
  const changes = Array.from({ length: 12 }, (_, i) => put(`e${i % 5}`, `v${i}`));

  /** Flushes after the changes where it is told to, so that those in between merge. */
  async function headsWhen(isFlushed: readonly boolean[]) {
    const { writer, sent } = createScene(() => settled());
    const heads = [];
    for (const [i, change] of changes.entries()) {
      void writer.write([change]);
      heads.push(writer.head());
      if (isFlushed[i]) await writer.flush();
    }
    await writer.flush();
    expect(sent.at(-1)?.change.head).toEqual(writer.head());
    return { heads, batches: sent.length };
  }

  const expected = await headsWhen(changes.map(() => true));
  expect(expected.batches).toBe(changes.length);
  expect(new Set(expected.heads.map(({ digest }) => digest)).size).toBe(changes.length);
  const plan = fc.array(fc.boolean(), { minLength: changes.length, maxLength: changes.length });
  await fc.assert(
    fc.asyncProperty(plan, async isFlushed => {
      expect((await headsWhen(isFlushed)).heads).toEqual(expected.heads);
    }),
    { numRuns: 30 },
  );
});

it('sends together what callers hand in one after the other without waiting, also when a batch let them go on', async () => {
  const { writer, sent } = createScene();
  const caller = async (name: string) => {
    for (const text of ['1', '2']) {
      await writer.write([put(name, text)]);
      for (let hop = 0; hop < 20; hop += 1) await undefined;
    }
  };
  const callers = ['a', 'b', 'c'].map(caller);
  await settled();
  const late = caller('d');
  for (let batch = 0; batch < 3; batch += 1) {
    sent[batch]?.answer.resolve();
    await settled();
  }
  await Promise.all([...callers, late]);
  expect(sent.map(textsOf)).toEqual([['a=1', 'b=1', 'c=1'], ['d=1', 'a=2', 'b=2', 'c=2'], ['d=2']]);
});

/** One is under way, the other waits. */
async function failing(writer: SessionWriter, order: string[]): Promise<{ all: Promise<unknown> }> {
  const write = (name: string) =>
    writer.write([put(name, '1')]).catch(error => {
      order.push(`${name}: ${error.message}`);
    });
  const underway = write('a');
  await settled();
  return { all: Promise.all([underway, write('b')]) };
}

it('law 9: tells the owner of a failure before any waiter, and refuses everything afterwards', async () => {
  const { writer, sent, onFailure } = createScene();
  const order: string[] = [];
  onFailure.mockImplementation(({ message }) => void order.push(`owner: ${message}`));
  const waiters = await failing(writer, order);
  sent[0]?.answer.reject(new Error('disk full'));
  await waiters.all;
  expect(order).toEqual(['owner: disk full', 'a: disk full', 'b: disk full']);
  await expect(writer.write([put('c', '1')])).rejects.toThrow('disk full');
  await expect(writer.flush()).rejects.toThrow('disk full');
  await expect(writer.replace([])).rejects.toThrow('disk full');
  expect([sent.length, onFailure.mock.calls.length]).toEqual([1, 1]);
});

it('revoked while a batch is under way: the waiters learn it at once, and what waits is never sent', async () => {
  const { writer, sent, onFailure } = createScene();
  const order: string[] = [];
  const waiters = await failing(writer, order);
  writer.revoke(new Error('fenced'));
  await waiters.all;
  sent[0]?.answer.resolve();
  await settled();
  expect([sent.length, onFailure.mock.calls.length, order]).toEqual([1, 1, ['a: fenced', 'b: fenced']]);
});

it('closed in peace: nobody is told, and nobody waits for ever', async () => {
  const { writer, sent, onFailure } = createScene();
  const underway = writer.write([put('a', '1')]);
  await settled();
  const waiting = writer.write([put('b', '1')]);
  writer.close(new Error('closed'));
  expect(await outcomeOf(waiting)).toBe('closed');
  sent[0]?.answer.reject(new Error('store closed'));
  expect(await outcomeOf(underway)).toBe('closed');
  await expect(writer.write([put('c', '1')])).rejects.toThrow('closed');
  expect(onFailure).not.toHaveBeenCalled();
});

it('replaces everything in its turn: after what came before, before what comes later, alone under way', async () => {
  const { writer, sent, replaced } = createScene();
  const first = writer.write([put('a', '1')]);
  // This write goes on in the very tick in which the replacement may start.
  const second = first.then(() => writer.write([put('a', '2')]));
  const replacing = writer.replace([{ name: 'b', value: sealed('new') }]);
  await settled();
  sent[0]?.answer.resolve();
  await settled();
  expect([sent.length, replaced.length]).toEqual([2, 0]);
  sent[1]?.answer.resolve();
  await second;
  await settled();
  const third = writer.write([put('c', '3')]);
  await settled();
  expect([sent.length, replaced.length]).toEqual([2, 1]);
  expect(replaced[0]?.replacement.head).toMatchObject({ epoch: 3, revision: 3 });
  replaced[0]?.answer.resolve();
  await replacing;
  await settled();
  expect(sent[2]?.change).toMatchObject({ base: { revision: 3 }, head: { revision: 4 } });
  sent[2]?.answer.resolve();
  await third;
});

it('tells what is not durable yet, and how long the oldest of it has waited', async () => {
  const { clock, writer, sent } = createScene();
  expect(writer.pending()).toEqual({ pendingWrites: 0, oldestPendingWriteMs: 0 });
  const first = writer.write([put('a', '1')]);
  await clock.advance(40);
  const second = writer.write([put('a', '2')]);
  void writer.write([put('b', '1')]);
  expect(writer.pending()).toEqual({ pendingWrites: 3, oldestPendingWriteMs: 40 });
  sent[0]?.answer.resolve();
  await first;
  await clock.advance(2);
  expect(writer.pending()).toEqual({ pendingWrites: 2, oldestPendingWriteMs: 2 });
  sent[1]?.answer.resolve();
  await second;
  expect(writer.pending()).toEqual({ pendingWrites: 0, oldestPendingWriteMs: 0 });
});
