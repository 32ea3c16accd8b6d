import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device } from '../../src/simulator/device.ts';
import { createPeerSignal, type PeerSignal } from '../../src/simulator/peer-signal.ts';
import { installQuietConsole, quietly } from '../../src/simulator/quiet-console.ts';

let restoreConsole = () => {};
beforeAll(() => {
  restoreConsole = installQuietConsole();
});
afterAll(() => restoreConsole());

const deviceOf = ({ takeBundle }: PeerSignal, lid: string) => ({ lid, id: 0, takeBundle }) as Device;

test('a message under an archived signal session leaves the open one whole', () =>
  quietly(async () => {
    const alice = createPeerSignal('1000@lid');
    const bob = createPeerSignal('2000@lid');
    const aliceDevice = deviceOf(alice, '1000@lid');
    const bobDevice = deviceOf(bob, '2000@lid');
    const text = (words: string) => Buffer.from(words);

    await bob.decrypt(aliceDevice, await alice.encrypt(bobDevice, text('hello')));
    await alice.decrypt(bobDevice, await bob.encrypt(aliceDevice, text('hello too')));
    const onItsWay = await alice.encrypt(bobDevice, text('a new step'));
    await bob.renew(aliceDevice, undefined);
    expect(await bob.decrypt(aliceDevice, onItsWay)).toEqual(text('a new step'));
    const underTheNew = await bob.encrypt(aliceDevice, text('under the new session'));
    expect(await alice.decrypt(bobDevice, underTheNew)).toEqual(text('under the new session'));
  }));

test('the filter silences what runs inside it and nothing else', async () => {
  const lines: unknown[] = [];
  const original = console.log;
  console.log = (line: unknown) => void lines.push(line);
  const restore = installQuietConsole();
  await quietly(async () => console.log('a signal session'));
  console.log('a line of somebody else');
  restore();
  console.log = original;
  expect(lines).toEqual(['a line of somebody else']);
});
