import { expect, it } from 'vitest';
import { createDeferred } from '../../src/core/deferred.ts';
import { createJointLook } from '../../src/core/joint-look.ts';

function createScene() {
  const looks: ReturnType<typeof createDeferred<string>>[] = [];
  const look = createJointLook(() => {
    const begun = createDeferred<string>();
    looks.push(begun);
    return begun.promise;
  });
  return { looks, look };
}

it('who comes while a look is under way shares the next one, and never that one', async () => {
  const { looks, look } = createScene();
  const [first, ...late] = [look(), look(), look()];
  expect(looks).toHaveLength(1);
  looks[0]?.resolve('old');
  expect(await first).toBe('old');
  expect(looks).toHaveLength(2);
  looks[1]?.resolve('new');
  expect(await Promise.all(late)).toEqual(['new', 'new']);
  void look();
  expect(looks).toHaveLength(3);
});

it('a look that fails fails those who share it, and nobody after them', async () => {
  const { looks, look } = createScene();
  const [first, second] = [look(), look()];
  looks[0]?.reject(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  looks[1]?.resolve('back');
  expect(await second).toBe('back');
});
