import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEntryLog, type EntryLogOptions } from '../../src/core/entry-log.ts';
import type { PlainEntryChange } from '../../src/core/vault/session-entries.ts';

const OPTIONS: EntryLogOptions = { type: 'log', pageSize: 3, keepMs: 100, maxPages: 4 };

/** The entries of a session, without all that keeps them. */
function createEntries() {
  const kept = new Map<string, Uint8Array>();
  return {
    pages: () => [...kept.keys()].filter(key => key.startsWith('log ')).length,
    async read(type: string, ids: readonly string[]) {
      const found = ids.flatMap(id => {
        const value = kept.get(`${type} ${id}`);
        return value ? [[id, value] as const] : [];
      });
      return new Map(found);
    },
    write(changes: readonly PlainEntryChange[]) {
      for (const { type, id, value } of changes) {
        if (value) kept.set(`${type} ${id}`, value);
        else kept.delete(`${type} ${id}`);
      }
    },
  };
}

async function readAll(entries: ReturnType<typeof createEntries>): Promise<number[]> {
  const items: number[] = [];
  for await (const item of createEntryLog<number>(entries, OPTIONS).newestFirst()) items.unshift(item);
  return items;
}

/** Appends one item each after so many milliseconds, by a log that is opened again where the plan says so. */
const STEPS = fc.array(fc.record({ afterMs: fc.nat(80), isReopened: fc.boolean() }), { maxLength: 60 });

it('what was appended is what fell off and what is left, in order; pages and writes are bounded', async () => {
  await fc.assert(
    fc.asyncProperty(STEPS, async steps => {
      const entries = createEntries();
      let log = createEntryLog<number>(entries, OPTIONS);
      const dropped: number[] = [];
      let now = 0;
      for (const [item, { afterMs, isReopened }] of steps.entries()) {
        if (isReopened) log = createEntryLog(entries, OPTIONS);
        now += afterMs;
        const appended = await log.append(item, now);
        entries.write(appended.changes);
        dropped.push(...appended.dropped);
        expect(appended.changes.length).toBeLessThanOrEqual(4);
        expect(entries.pages()).toBeLessThanOrEqual(OPTIONS.maxPages);
        expect([...dropped, ...(await readAll(entries))]).toEqual([...Array(item + 1).keys()]);
      }
    }),
  );
});

it('keeps what is younger than it is told to, and lets go of what is older by the pages that begin', async () => {
  const entries = createEntries();
  const log = createEntryLog<number>(entries, OPTIONS);
  const append = async (item: number, at: number) => entries.write((await log.append(item, at)).changes);
  for (let item = 0; item < 9; item += 1) await append(item, item < 6 ? 0 : 50);
  // The three pages are full. All are young enough.
  await append(9, 99);
  expect((await readAll(entries))[0]).toBe(0);
  for (let item = 10; item < 13; item += 1) await append(item, 100);
  expect(await readAll(entries)).toEqual([6, 7, 8, 9, 10, 11, 12]);
});

it('is bounded by count where all of it is young', async () => {
  const entries = createEntries();
  const log = createEntryLog<number>(entries, OPTIONS);
  for (let item = 0; item < 100; item += 1) entries.write((await log.append(item, 0)).changes);
  const left = await readAll(entries);
  expect(left.at(-1)).toBe(99);
  expect(left.length).toBeGreaterThan(OPTIONS.pageSize * (OPTIONS.maxPages - 2));
  expect(left.length).toBeLessThanOrEqual(OPTIONS.pageSize * OPTIONS.maxPages);
});
