import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SessionError } from '../../../src/core/errors.ts';
import { createSealer, newDataKey } from '../../../src/core/sealing/sealer.ts';

const sealer = createSealer('shop', newDataKey());
const type = fc.constantFrom('session', 'pre-key', 'creds', 'app-state-sync-key');
const id = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 20 }));
const value = fc.uint8Array({ maxLength: 300 });
const RUNS = 10_000;

function expectRefused(open: () => unknown): void {
  let error: unknown;
  try {
    open();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SessionError);
  expect(error).toMatchObject({ code: 'DECRYPTION_FAILED' });
}

it('opens what it sealed, whatever the id and the value', () => {
  fc.assert(
    fc.property(type, id, value, (type, id, value) => {
      expect(new Uint8Array(sealer.unseal(type, id, sealer.seal(type, id, value).value))).toEqual(value);
    }),
  );
});

it('refuses a blob with any one byte changed', () => {
  const blob = sealer.seal('session', '15550002.0', Buffer.from('a ratchet')).value;
  fc.assert(
    fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Uint8Array.from(blob);
      changed[at] = (changed[at] ?? 0) ^ mask;
      expectRefused(() => sealer.unseal('session', '15550002.0', changed));
    }),
    { numRuns: RUNS },
  );
});

it('refuses a blob cut at any length, and one with bytes added', () => {
  const blob = sealer.seal('creds', '', Buffer.from('credentials')).value;
  for (let length = 0; length < blob.length; length += 1) {
    expectRefused(() => sealer.unseal('creds', '', blob.subarray(0, length)));
  }
  expectRefused(() => sealer.unseal('creds', '', Buffer.concat([blob, Buffer.of(0)])));
});

it('refuses a blob under another name, another type, another session or another key', () => {
  const key = newDataKey();
  const here = createSealer('shop', key);
  const blob = here.seal('session', 'a', Buffer.from('x')).value;
  expectRefused(() => here.unseal('session', 'b', blob));
  expectRefused(() => here.unseal('session', '', blob));
  expectRefused(() => here.unseal('sender-key', 'a', blob));
  expectRefused(() => createSealer('shop2', key).unseal('session', 'a', blob));
  expectRefused(() => createSealer('shop', newDataKey()).unseal('session', 'a', blob));
  expect(Buffer.from(createSealer('shop', key).unseal('session', 'a', blob)).toString()).toBe('x');
});

it('refuses whatever is moved: to another session, another type, another id, or behind the header of another key', () => {
  const place = fc.record({
    session: fc.constantFrom('shop', 'shop2', 'shop/2'),
    type,
    id: fc.constantFrom('', 'a', 'b'),
  });
  const keys = [newDataKey(), newDataKey()] as const;
  const sealerOf = ({ session }: { session: string }, key: Uint8Array) => createSealer(session, key);
  fc.assert(
    fc.property(place, place, value, fc.boolean(), (from, to, value, isOtherKey) => {
      fc.pre(isOtherKey || from.session !== to.session || from.type !== to.type || from.id !== to.id);
      const { value: blob } = sealerOf(from, keys[0]).seal(from.type, from.id, value);
      const other = sealerOf(to, keys[isOtherKey ? 1 : 0]);
      expectRefused(() => other.unseal(to.type, to.id, blob));
      // Its own header before what another key sealed.
      const header = other.seal(to.type, to.id, value).value.subarray(0, 21);
      expectRefused(() => other.unseal(to.type, to.id, Buffer.concat([header, blob.subarray(21)])));
    }),
    { numRuns: RUNS },
  );
});

it('never seals the same twice to the same bytes', () => {
  const seal = () => Buffer.from(sealer.seal('creds', '', Buffer.from('x')).value).toString('hex');
  expect(new Set(Array.from({ length: 100 }, seal)).size).toBe(100);
});

it('shows neither the id in the name nor the value in the blob', () => {
  const phone = '15550002';
  const secret = Buffer.from('the private key of a ratchet');
  const name = sealer.nameOf('session', `${phone}.0`);
  expect(name).toMatch(/^session:[\w-]{22}$/);
  expect(name).not.toContain(phone);
  const blob = Buffer.from(sealer.seal('session', `${phone}.0`, secret).value);
  for (const hidden of [Buffer.from(phone), secret.subarray(0, 8)]) expect(blob.includes(hidden)).toBe(false);
});

it('gives each id a name of its own, the same every time, and another one in another session', () => {
  fc.assert(
    fc.property(id, id, (a, b) => {
      expect(sealer.nameOf('session', a) === sealer.nameOf('session', b)).toBe(a === b);
    }),
  );
  expect(createSealer('shop', newDataKey()).nameOf('session', 'a')).not.toBe(sealer.nameOf('session', 'a'));
});
