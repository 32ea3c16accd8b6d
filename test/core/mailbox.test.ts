import { expect, it, vi } from 'vitest';
import { createMailbox } from '../../src/core/mailbox.ts';

function createScene(keyOf?: (item: string) => string) {
  const onEnd = vi.fn();
  const onFull = () => new Error('full');
  const mailbox = createMailbox<string>({ capacity: 3, onFull, onEnd, ...(keyOf && { keyOf }) });
  return { mailbox, onEnd };
}

const DONE = { done: true, value: undefined };

it('delivers in order, to readers that wait and to those that come later', async () => {
  const { mailbox } = createScene();
  const waiting = [mailbox.next(), mailbox.next()];
  for (const item of ['1', '2', '3']) mailbox.push(item);
  expect((await Promise.all([...waiting, mailbox.next()])).map(({ value }) => value)).toEqual([
    '1',
    '2',
    '3',
  ]);
});

it('ends a subscriber who stopped reading, once, and holds nothing for it', async () => {
  const { mailbox, onEnd } = createScene();
  for (const item of ['1', '2', '3', '4', '5']) mailbox.push(item);
  expect(onEnd).toHaveBeenCalledOnce();
  await expect(mailbox.next()).rejects.toThrow('full');
  expect(await mailbox.next()).toEqual(DONE);
});

it('replaces what waits under the same key by the newest, and never fills up by it', async () => {
  const { mailbox, onEnd } = createScene(item => item.charAt(0));
  for (let i = 0; i < 100; i += 1) mailbox.push(`a${i}`);
  mailbox.push('b0');
  expect([(await mailbox.next()).value, (await mailbox.next()).value]).toEqual(['a99', 'b0']);
  expect(onEnd).not.toHaveBeenCalled();
});

it('completes after what waits was delivered, and takes nothing more', async () => {
  const { mailbox } = createScene();
  mailbox.push('last');
  mailbox.complete();
  mailbox.push('too late');
  expect(await mailbox.next()).toEqual({ done: false, value: 'last' });
  expect(await mailbox.next()).toEqual(DONE);
});

it('fails whoever waits', async () => {
  const { mailbox, onEnd } = createScene();
  const waiting = mailbox.next();
  mailbox.fail(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  expect(onEnd).toHaveBeenCalledOnce();
});

it('return() ends a read that waits, drops what is there, and frees it once', async () => {
  const { mailbox, onEnd } = createScene();
  const waiting = mailbox.next();
  expect(await mailbox.return?.()).toEqual(DONE);
  await mailbox.return?.();
  expect(await waiting).toEqual(DONE);
  mailbox.push('x');
  expect(await mailbox.next()).toEqual(DONE);
  expect(onEnd).toHaveBeenCalledOnce();
});
