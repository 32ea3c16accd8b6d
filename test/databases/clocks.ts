import { expect, it, onTestFinished } from 'vitest';
import { ORIGIN_HEAD } from '../../src/core/position.ts';
import type { Head, SessionStore } from '../../src/core/store.ts';
import { changeOf, codeOf, headAt, replacementOf, stateOf, valuesOf } from '../contract/sample-changes.ts';
import { createDatabase } from '../support/database.ts';

const ID = 'shop';
const HOURS_APART = 20;

/** Two servers, one with a clock that is ahead and one behind, take over from each other. */
export function testClocks(url: string): void {
  it('law 1: order and fences are those of positions, however wrong a clock: it only dates the copy', async () => {
    const database = createDatabase(url);
    const openAt = (hours: number) => database.open({ clock: { now: () => Date.now() + hours * 3_600_000 } });
    const stores = await Promise.all([openAt(HOURS_APART / 2), openAt(-HOURS_APART / 2)]);
    const [ahead, behind] = stores as [SessionStore, SessionStore];
    onTestFinished(async () => {
      await Promise.all(stores.map(store => store.close()));
      await database.drop();
    });

    let stands: Head = ORIGIN_HEAD;
    for (let epoch = 1; epoch <= 8; epoch += 1) {
      const [owner, former] = epoch % 2 ? [ahead, behind] : [behind, ahead];
      const first = headAt(epoch, stands.revision + 1);
      await owner.applyChange(changeOf(ID, stands, first, { creds: `c${epoch}`, [`key:${epoch}`]: 'x' }));
      const late = changeOf(ID, stands, headAt(epoch - 1, first.revision, 'late'), { creds: 'late' });
      expect(await codeOf(former.applyChange(late))).toBe('STORE_FENCED');
      stands = headAt(epoch, first.revision + 1);
      await owner.applyChange(changeOf(ID, first, stands, { [`key:${epoch - 1}`]: undefined }));
    }
    expect(await valuesOf(ahead, ID)).toEqual({ creds: 'c8', 'key:8': 'x' });

    const copy = headAt(9, stands.revision + 1);
    await ahead.replaceSession(replacementOf(ID, copy, { creds: 'whole', key: 'k' }));
    const last = headAt(10, copy.revision + 1);
    await behind.applyChange(changeOf(ID, copy, last, { key: undefined }));
    const state = await stateOf(ahead, ID);
    expect(state).toMatchObject({ head: last, values: { creds: 'whole' } });
    expect(state?.values).not.toHaveProperty('key');
    const { createdAt = 0, updatedAt = 0 } = state?.head ?? {};
    expect(createdAt - updatedAt).toBeGreaterThan((HOURS_APART - 1) * 3_600_000);
  });
}
