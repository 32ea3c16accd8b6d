import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/core/errors.ts';
import { headAt, stateOf, valuesOf } from '../../contract/sample-changes.ts';
import { useFailingDisk } from './failing-disk.ts';
import { AFTER, ID, STEPS } from './write-steps.ts';

describe('the file store, whichever operation of the disk fails', () => {
  const failing = useFailingDisk();

  /** Runs the steps on a new store, each until it is done; answers how many operations they took. */
  async function runWithFaults(judge: (count: number) => string | undefined): Promise<number> {
    await failing.wipe();
    const store = await failing.open();
    let count = 0;
    const expectValues = async (done: number) => {
      failing.disk.failWhen(() => undefined);
      expect(await valuesOf(store, ID)).toEqual(AFTER[done]);
    };
    for (const [at, step] of STEPS.entries()) {
      for (let isDone = false; !isDone; ) {
        failing.disk.failWhen(() => judge(count++));
        const refused = await step(store).then(
          () => undefined,
          (error: unknown) => error,
        );
        isDone = refused === undefined;
        if (!isDone) expect(refused).toBeInstanceOf(StoreError);
        if (!isDone)
          expect(refused).toMatchObject({
            code: 'STORE_UNREADABLE',
            cause: { code: expect.stringMatching(/^E/) },
          });
        await expectValues(isDone ? at : at - 1);
      }
    }
    await store.close();
    const reopened = await failing.open();
    expect((await stateOf(reopened, ID))?.head).toMatchObject(headAt(3, 7));
    expect(await valuesOf(reopened, ID)).toEqual(AFTER.at(-1));
    await reopened.close();
    return count;
  }

  it('loses and invents nothing whichever operation fails', async () => {
    const operations = await runWithFaults(() => undefined);
    expect(operations).toBeGreaterThan(30);
    for (let target = 0; target < operations; target += 1)
      await runWithFaults(count => (count === target ? (target % 2 ? 'EIO' : 'ENOSPC') : undefined));
  });

  it('loses and invents nothing when many operations fail', async () => {
    const run = fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async dice => {
      await runWithFaults(count => (count < 200 && dice.next().value === 0 ? 'EIO' : undefined));
    });
    await fc.assert(run, { numRuns: 25 });
  });

  it('is whole after a restart at any failing operation', async () => {
    for (let target = 0, reached = true; reached; target += 1) {
      await failing.wipe();
      const store = await failing.open();
      const first = failing.disk.calls.length;
      failing.disk.failWhen((_, number) => (number >= first + target ? 'EIO' : undefined));
      let done = -1;
      let refused = false;
      for (const step of STEPS) {
        refused ||= await step(store).then(
          () => false,
          () => true,
        );
        if (!refused) done += 1;
      }
      reached = failing.disk.calls.length > first + target;
      await store.close();
      failing.disk.failWhen(() => undefined);
      const reopened = await failing.open();
      const found = await valuesOf(reopened, ID);
      expect([AFTER[done], AFTER[done + 1]]).toContainEqual(found);
      await reopened.close();
    }
  });
});
