import { expect, it } from 'vitest';
import { createDeferred } from '../../../src/core/deferred.ts';
import { createSessionStandby, type StandbyOptions } from '../../../src/core/sessions/session-standby.ts';
import type { PeekedSession } from '../../../src/core/vault/session-vault.ts';

/** A session while one look at it is under way. */
function startLook(look: 'refresh' | 'settle' = 'refresh') {
  const peeked = createDeferred<PeekedSession>();
  const updates: unknown[] = [];
  const state = {
    status: 'STANDBY',
    view: () => ({ heldBy: 'two' }),
    update: (known: unknown) => void updates.push(known),
    moveTo: (status: string) => void updates.push(status),
  };
  const options = { id: 'shop', state, vault: { peek: () => peeked.promise } };
  const looked = createSessionStandby(options as unknown as StandbyOptions)[look]();
  const answer = () => {
    peeked.resolve({ head: {}, record: {}, read: async () => new Map() } as unknown as PeekedSession);
    return looked;
  };
  return { state, updates, answer };
}

it('shows what a look at it found', async () => {
  const { updates, answer } = startLook();
  await answer();
  expect(updates).toMatchObject([{ heldBy: 'two' }]);
});

it.each(['refresh', 'settle'] as const)(
  'shows nothing of what %s found when it was taken up meanwhile',
  async look => {
    const { state, updates, answer } = startLook(look);
    state.status = 'CONNECTING';
    await answer();
    expect(updates).toEqual([]);
  },
);
