import { expect, it } from 'vitest';
import { createBusSealer } from '../../../src/core/fleet/bus-sealer.ts';
import { createKeyring } from '../../../src/core/sealing/keyring.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const MINUTE_MS = 60_000;
const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);

async function sealerOf(sender: string, { secrets = [OLD], clock = createFakeClock() } = {}) {
  return createBusSealer({ keyring: await createKeyring(secrets), sender, clock });
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

it('law 11: what one server seals another one opens, and nobody reads on the way', async () => {
  const [blue, green] = [await sealerOf('blue'), await sealerOf('green')];
  const blob = blue.seal('all', Buffer.from('code ABCD1234'));
  expect(text(blob)).not.toContain('ABCD');
  const opened = green.open('all', blob);
  expect(opened).toMatchObject({ kind: 'message', sender: 'blue' });
  expect(opened.kind === 'message' && text(opened.bytes)).toBe('code ABCD1234');
});

it('one message sealed twice looks different, and a server knows its own', async () => {
  const blue = await sealerOf('blue');
  const [first, second] = [blue.seal('all', Buffer.from('x')), blue.seal('all', Buffer.from('x'))];
  expect(text(first)).not.toBe(text(second));
  expect(blue.open('all', first)).toEqual({ kind: 'own' });
});

it('any bit that is altered, and any other topic, is noticed', async () => {
  const [blue, green] = [await sealerOf('blue'), await sealerOf('green')];
  const blob = Buffer.from(blue.seal('to/green', Buffer.from('stop')));
  for (let at = 0; at < blob.length; at += 1) {
    const altered = Buffer.from(blob);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(green.open('to/green', altered).kind, `byte ${at}`).toBe('refused');
  }
  for (let length = 0; length < blob.length; length += 1) {
    expect(green.open('to/green', blob.subarray(0, length)).kind).toBe('refused');
  }
  expect(green.open('all', blob)).toEqual({ kind: 'refused', why: 'altered' });
  expect(green.open('to/green', blob).kind).toBe('message');
});

it('what was said once is not believed again, nor what was said before it', async () => {
  const [blue, green] = [await sealerOf('blue'), await sealerOf('green')];
  const [first, second] = [blue.seal('all', Buffer.from('1')), blue.seal('to/green', Buffer.from('2'))];
  expect(green.open('to/green', second).kind).toBe('message');
  expect(green.open('to/green', second)).toEqual({ kind: 'refused', why: 'repeated' });
  expect(green.open('all', first)).toEqual({ kind: 'refused', why: 'repeated' });
});

it('what is too old is not believed, also where its voice was forgotten', async () => {
  const clock = createFakeClock();
  const [blue, red, green] = [
    await sealerOf('blue', { clock }),
    await sealerOf('red', { clock }),
    await sealerOf('green', { clock }),
  ];
  const old = blue.seal('all', Buffer.from('1'));
  expect(green.open('all', old).kind).toBe('message');
  await clock.advance(2 * MINUTE_MS + 1);
  // A new voice is when old ones are forgotten.
  expect(green.open('all', red.seal('all', Buffer.from('2'))).kind).toBe('message');
  expect(green.open('all', old)).toEqual({ kind: 'refused', why: 'late' });
  expect(green.open('all', blue.seal('all', Buffer.from('3'))).kind).toBe('message');
});

it('a server whose clock is far ahead is not believed', async () => {
  const clock = createFakeClock();
  const ahead = await sealerOf('blue', { clock: createFakeClock(clock.now() + 3 * MINUTE_MS) });
  const green = await sealerOf('green', { clock });
  expect(green.open('all', ahead.seal('all', Buffer.from('1')))).toEqual({ kind: 'refused', why: 'late' });
});

it('a rotation: the newest secret seals, each one opens, a foreign one does not', async () => {
  const rotated = await sealerOf('blue', { secrets: [NEW, OLD] });
  const prepared = await sealerOf('green', { secrets: [OLD, NEW] });
  const behind = await sealerOf('red');
  const blob = rotated.seal('all', Buffer.from('1'));
  expect(prepared.open('all', blob).kind).toBe('message');
  expect(rotated.open('all', prepared.seal('all', Buffer.from('2'))).kind).toBe('message');
  expect(behind.open('all', blob)).toEqual({ kind: 'refused', why: 'unknown' });
});
