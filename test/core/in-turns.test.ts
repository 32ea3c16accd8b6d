import { expect, it } from 'vitest';
import { createTurns } from '../../src/core/in-turns.ts';

it('comes to everything before it comes to anything again', () => {
  const next = createTurns(2);
  const items = ['a', 'b', 'c'];
  expect([next(items), next(items), next(items)]).toEqual([['a', 'b'], ['c'], ['a', 'b']]);
});

it('goes on where a list has shrunk, or is empty', () => {
  const next = createTurns(2);
  next(['a', 'b', 'c']);
  expect([next(['a', 'b']), next([]), next(['d'])]).toEqual([['a', 'b'], [], ['d']]);
});
