import { randomBytes } from 'node:crypto';
import { Curve } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import { createFrameReader, frame, NOISE_PROLOGUE } from '../../src/simulator/frames.ts';
import { readRatchetHeader, readSenderKeyHeader } from '../../src/simulator/signal-envelope.ts';
import { verifyXeddsa } from '../../src/simulator/xeddsa.ts';

const read = (...pieces: Buffer[]) => {
  const readFrames = createFrameReader();
  return pieces.flatMap(piece => readFrames(piece)).map(bytes => bytes.toString());
};

test('frames are found however the bytes are cut', () => {
  const stream = Buffer.concat([NOISE_PROLOGUE, frame(Buffer.from('one')), frame(Buffer.from('two'))]);
  expect(read(stream)).toEqual(['one', 'two']);
  expect(read(...[...stream].map(byte => Buffer.from([byte])))).toEqual(['one', 'two']);
});

test('a routing header before the intro is skipped', () => {
  const routing = Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, 4]), Buffer.from('info')]);
  expect(read(Buffer.concat([routing, NOISE_PROLOGUE, frame(Buffer.from('one'))]))).toEqual(['one']);
});

test('another intro is refused', () => {
  expect(() => read(Buffer.from('HTTP/1.1'))).toThrow('WA 6 3');
});

test('signatures of libsignal are told from forged ones', () => {
  for (let i = 0; i < 20; i++) {
    const { public: publicKey, private: privateKey } = Curve.generateKeyPair();
    const message = randomBytes(40);
    const signature = Buffer.from(Curve.sign(privateKey, message));
    expect(verifyXeddsa(publicKey, message, signature)).toBe(true);
    expect(verifyXeddsa(publicKey, randomBytes(40), signature)).toBe(false);
    expect(verifyXeddsa(Curve.generateKeyPair().public, message, signature)).toBe(false);
  }
});

test('Signal headers are read from their clear-text fields', () => {
  const fields = Buffer.from([0x0a, 2, 0xab, 0xcd, 0x10, 0xac, 0x02, 0x22, 1, 0]);
  const message = Buffer.concat([Buffer.from([0x33]), fields, Buffer.alloc(8)]);
  expect(readRatchetHeader(message)).toMatchObject({ ratchetKey: 'abcd', counter: 300 });
  const group = Buffer.concat([Buffer.from([0x33, 0x08, 7, 0x10, 9]), Buffer.alloc(64)]);
  expect(readSenderKeyHeader(group)).toEqual({ keyId: 7, iteration: 9 });
  expect(() =>
    readRatchetHeader(Buffer.concat([Buffer.from([0x33, 0x10, 0x80]), Buffer.alloc(8)])),
  ).toThrow();
});
