import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEntryIndex, hashName, type Location } from '../../../src/plugins/store-file/entry-index.ts';
import { contentWithout } from '../../../src/plugins/store-file/log-scan.ts';
import { appendChange, createOpenLog, findRecords } from '../../../src/plugins/store-file/open-log.ts';
import { sealed } from '../../contract/sample-changes.ts';
import { bufferFile } from './buffer-file.ts';

const HASHES = {
  'its own hash': hashName,
  'a hash that is the same for all names': () => [7, 7] as const,
  'a hash that puts all names into the last slots': (name: string) =>
    [name.charCodeAt(0), 0xffffffff] as const,
};

const step = fc.record({ name: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), puts: fc.boolean() });

describe('the index of entries', () => {
  it.each(Object.entries(HASHES))('agrees with a map, with %s', (_, hash) => {
    const run = fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const index = createEntryIndex(hash);
      const model = new Map<string, Location>();
      for (const [at, { name, puts }] of steps.entries()) {
        const known = model.get(name);
        const location = { offset: 8 + at, length: at };
        if (puts && known) index.move(name, known, location);
        else if (puts) index.put(name, location);
        else if (known) index.delete(name, known);
        if (puts) model.set(name, location);
        else model.delete(name);
      }
      expect(index.size).toBe(model.size);
      for (const [name, location] of model) expect(index.candidates(name)).toContainEqual(location);
      expect(index.locations()).toEqual([...model.values()].sort((a, b) => a.offset - b.offset));
    });
    fc.assert(run, { numRuns: 200 });
  });

  it('law 14: costs at most 64 bytes an entry, while it grows and while it shrinks', () => {
    const index = createEntryIndex();
    const locationOf = (at: number) => ({ offset: 8 + at, length: 1 });
    let dearest = 0;
    const measure = () => {
      if (index.size >= 6) dearest = Math.max(dearest, index.memoryBytes / index.size);
    };
    for (let at = 0; at < 20_000; at += 1, measure()) index.put(`pre-key:${at}`, locationOf(at));
    expect(index.memoryBytes / 20_000).toBeLessThan(33);
    for (let at = 0; at < 20_000; at += 1, measure()) index.delete(`pre-key:${at}`, locationOf(at));
    expect(dearest).toBeGreaterThan(50);
    expect(dearest).toBeLessThanOrEqual(64);
  });

  it('spreads names that are alike', () => {
    const words = Array.from({ length: 50_000 }, (_, at) => hashName(`pre-key:${at}`));
    expect(new Set(words.map(([high]) => high)).size).toBeGreaterThan(49_950);
    expect(new Set(words.map(([, low]) => low & 0xffff)).size).toBeGreaterThan(34_000);
    expect(hashName('ab')).not.toEqual(hashName('ba'));
  });

  it('keeps names apart whose hashes are the same', async () => {
    const content = { ...contentWithout(), index: createEntryIndex(() => [1, 1]), endBytes: 8 };
    const file = bufferFile(new Uint8Array(8));
    const held = { hold: async () => ({ file, release: async () => {} }), keepOpen() {}, async retire() {} };
    const log = createOpenLog(content, held);
    const put = (name: string, text: string) => ({ name, value: sealed(text) });
    const next = { head: undefined, fence: 1 };
    await appendChange(log, next, [put('a', '1'), put('b', '2'), put('c', '3')]);
    await appendChange(log, next, [put('b', 'two'), { name: 'c', value: undefined }, put('d', '4')]);

    const found: Record<string, string> = {};
    for (const asked of ['a', 'b', 'c', 'd', 'e'])
      for await (const { name, value } of findRecords(file, log.content.index, [asked]))
        found[`${asked} ${name}`] = Buffer.from(value).toString();
    expect(found).toEqual({ 'a a': '1', 'b b': 'two', 'd d': '4' });
    const live = log.content.index.locations().reduce((sum, { length }) => sum + length, 0);
    expect(log.content.liveBytes).toBe(live);
  });
});
