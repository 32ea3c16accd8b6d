import { expect, it } from 'vitest';
import { pagedEntries } from '../../src/core/paged-entries.ts';
import type { Entry } from '../../src/core/store.ts';

const entry = (name: string): Entry => ({ name, value: new Uint8Array(1) });

/** What is thrown comes in the place of a page. */
function createScene(pages: readonly (readonly Entry[] | Error)[], check = () => {}) {
  const waiting = [...pages];
  const scene = { asked: 0, released: 0 };
  const entries = pagedEntries({
    async nextPage() {
      scene.asked += 1;
      const page = waiting.shift();
      if (page instanceof Error) throw page;
      return page;
    },
    check,
    release() {
      scene.released += 1;
    },
  });
  return { scene, entries, iterator: entries[Symbol.asyncIterator]() };
}

async function namesOf(entries: AsyncIterable<Entry>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of entries) names.push(name);
  return names;
}

it('hands out every entry of every page in order, and releases once', async () => {
  const { scene, entries, iterator } = createScene([[entry('a'), entry('b')], [], [entry('c')]]);
  expect(await namesOf(entries)).toEqual(['a', 'b', 'c']);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  expect(scene.released).toBe(1);
});

it('asks for a page only when all of the one before was taken', async () => {
  const { scene, iterator } = createScene([[entry('a'), entry('b')], [entry('c')]]);
  await iterator.next();
  await iterator.next();
  expect(scene.asked).toBe(1);
  await iterator.next();
  expect(scene.asked).toBe(2);
});

it.each([
  ['before it began', 0],
  ['half way', 1],
])('releases where the reader stops %s, and is over then', async (_, taken) => {
  const { scene, iterator } = createScene([[entry('a'), entry('b')]]);
  for (let count = 0; count < taken; count += 1) await iterator.next();
  await iterator.return?.();
  expect(await iterator.next()).toMatchObject({ done: true });
  expect([scene.asked, scene.released]).toEqual([taken, 1]);
});

it('passes on what a page was refused with, once, and releases', async () => {
  const { scene, iterator } = createScene([[entry('a')], new Error('gone')]);
  await iterator.next();
  await expect(iterator.next()).rejects.toThrow('gone');
  expect(await iterator.next()).toMatchObject({ done: true });
  expect(scene.released).toBe(1);
});

it('hands out nothing more where it may not go on, not even of a page that is there', async () => {
  let isClosed = false;
  const { scene, iterator } = createScene([[entry('a'), entry('b')]], () => {
    if (isClosed) throw new Error('closed');
  });
  await iterator.next();
  isClosed = true;
  await expect(iterator.next()).rejects.toThrow('closed');
  expect(scene.released).toBe(1);
});
