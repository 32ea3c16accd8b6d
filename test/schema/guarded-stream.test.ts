import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failingStream, guardStream as guard } from '../../src/schema/guarded-stream.ts';
import { createFakeStream } from '../app/fake-sessions.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NEVER = new AbortController().signal;
/** Under a token that nobody revokes. */
const guardStream = <T>(source: AsyncIterator<T>, expiresAt: Date, signal: AbortSignal, onEnd = () => {}) =>
  guard(source, {
    viewer: { expiresAt, isRevoked: () => false, onRevoked: () => () => undefined },
    signal,
    onEnd,
  });
const DAY_MS = 86_400_000;
const after = (ms: number) => new Date(Date.now() + ms);
const done = { done: true, value: undefined };

test('it ends a reader that waits, at expiry, with one error', async () => {
  const source = createFakeStream<string>();
  const stream = guardStream(source, after(1_000), NEVER);
  const waiting = stream.next();
  const failed = expect(waiting).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  vi.advanceTimersByTime(999);
  expect(source.isReturned).toBe(false);
  vi.advanceTimersByTime(1);
  await failed;
  expect(source.isReturned).toBe(true);
  expect(await stream.next()).toEqual(done);
});

test('a reader that is busy at expiry learns of it when it comes back', async () => {
  const source = createFakeStream<string>();
  const stream = guardStream(source, after(1_000), NEVER);
  source.push('one');
  expect(await stream.next()).toEqual({ done: false, value: 'one' });
  vi.advanceTimersByTime(1_000);
  source.push('too late');
  await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  expect(await stream.next()).toEqual(done);
});

test('a token that was revoked before anybody waited for that ends it at once', async () => {
  const source = createFakeStream<string>();
  const viewer = { expiresAt: after(1_000), isRevoked: () => true, onRevoked: () => () => undefined };
  let ends = 0;
  const stream = guard(source, {
    viewer,
    signal: NEVER,
    onEnd() {
      ends += 1;
    },
  });
  await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  expect([source.isReturned, ends]).toEqual([true, 1]);
});

test('a token that lives longer than a timer can count does not expire at once', async () => {
  const source = createFakeStream<string>();
  const stream = guardStream(source, after(60 * DAY_MS), NEVER);
  const waiting = stream.next();
  vi.advanceTimersByTime(59 * DAY_MS);
  source.push('still on');
  expect(await waiting).toEqual({ done: false, value: 'still on' });
  vi.advanceTimersByTime(DAY_MS);
  await expect(stream.next()).rejects.toThrow('expired');
});

test('return frees the source while a read is pending, once, and leaves no timer', async () => {
  const source = createFakeStream<string>();
  const returns = vi.spyOn(source, 'return');
  const stream = guardStream(source, after(DAY_MS), NEVER);
  const waiting = stream.next();
  await stream.return?.();
  await stream.return?.();
  expect(await waiting).toEqual(done);
  expect(returns).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('an abort completes it, before or while it runs', async () => {
  const controller = new AbortController();
  const source = createFakeStream<string>();
  const waiting = guardStream(source, after(DAY_MS), controller.signal).next();
  controller.abort();
  expect(await waiting).toEqual(done);
  expect(source.isReturned).toBe(true);
  const late = createFakeStream<string>();
  expect(await guardStream(late, after(DAY_MS), controller.signal).next()).toEqual(done);
  expect(late.isReturned).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('an error of the source is told once, and the source let go', async () => {
  const source = createFakeStream<string>();
  const stream = guardStream(source, after(DAY_MS), NEVER);
  source.fail(new Error('broken'));
  await expect(stream.next()).rejects.toThrow('broken');
  expect(await stream.next()).toEqual(done);
  expect(source.isReturned).toBe(true);
});

test('a stream of nothing fails where a real one would', async () => {
  const stream = guardStream(failingStream(new Error('none')), after(DAY_MS), NEVER);
  await expect(stream.next()).rejects.toThrow('none');
  expect(await stream.next()).toEqual(done);
});
