import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEntryIndex, hashName, type Location } from '../../../src/plugins/store-file/entry-index.ts';

const HASHES = {
  'its own hash': hashName,
  'hashes that all begin alike': (name: string) => [7, 7, name.charCodeAt(0)] as const,
  'a hash that puts all names into the last slots': (name: string) =>
    [0xffffffff, name.charCodeAt(0), 0] as const,
};

const step = fc.record({ name: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), puts: fc.boolean() });

describe('the index of entries', () => {
  it.each(Object.entries(HASHES))('agrees with a map, with %s', (_, hash) => {
    const run = fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const index = createEntryIndex(hash);
      const model = new Map<string, Location>();
      for (const [at, { name, puts }] of steps.entries()) {
        const location = { offset: 8 + at * 2 ** 28, length: at };
        expect(puts ? index.set(name, location) : index.delete(name)).toEqual(model.get(name));
        if (puts) model.set(name, location);
        else model.delete(name);
      }
      expect(index.size).toBe(model.size);
      for (const [name, location] of model) expect(index.get(name)).toEqual(location);
      expect(index.locations()).toEqual([...model.values()].sort((a, b) => a.offset - b.offset));
    });
    fc.assert(run, { numRuns: 200 });
  });

  it('is another index where the records are moved, and the old one stays what it was', () => {
    const index = createEntryIndex();
    const names = Array.from({ length: 100 }, (_, at) => `name ${at}`);
    for (const [at, name] of names.entries()) index.set(name, { offset: 8 + at, length: at });
    const moved = index.moved(new Map(index.locations().map(({ offset }) => [offset, offset * 2 ** 30])));
    moved.delete('name 0');
    moved.set('name 100', { offset: 1, length: 1 });
    for (const [at, name] of names.entries()) {
      expect(index.get(name)).toEqual({ offset: 8 + at, length: at });
      expect(moved.get(name)).toEqual(at === 0 ? undefined : { offset: (8 + at) * 2 ** 30, length: at });
    }
    expect([index.size, moved.size]).toEqual([100, 100]);
  });

  it('law 14: costs at most 64 bytes an entry, while it grows and while it shrinks', () => {
    const index = createEntryIndex();
    const locationOf = (at: number) => ({ offset: 8 + at, length: 1 });
    let dearest = 0;
    const measure = () => {
      if (index.size >= 6) dearest = Math.max(dearest, index.memoryBytes / index.size);
    };
    for (let at = 0; at < 20_000; at += 1, measure()) index.set(`pre-key:${at}`, locationOf(at));
    expect(index.memoryBytes / 20_000).toBeLessThan(33);
    for (let at = 0; at < 20_000; at += 1, measure()) index.delete(`pre-key:${at}`);
    expect(dearest).toBeGreaterThan(50);
    expect(dearest).toBeLessThanOrEqual(64);
  });

  it('tells names apart by every character, lone surrogates included', () => {
    const names = ['ab', 'ba', 'a', '', 'é', 'e\u0301', '\ud800', '\udfff', '\ufffd'];
    expect(new Set(names.map(name => hashName(name).join())).size).toBe(names.length);
  });
});
