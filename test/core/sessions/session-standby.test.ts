import { expect, it } from 'vitest';
import { createDeferred } from '../../../src/core/deferred.ts';
import { createSessionStandby, type StandbyOptions } from '../../../src/core/sessions/session-standby.ts';
import type { PeekedSession } from '../../../src/core/vault/session-vault.ts';

/** A session that stands by while one look at it is under way. */
function startLook() {
  const peeked = createDeferred<PeekedSession>();
  const updates: unknown[] = [];
  const state = {
    status: 'STANDBY',
    view: () => ({ heldBy: 'two' }),
    update: (known: unknown) => void updates.push(known),
  };
  const options = { id: 'shop', state, vault: { peek: () => peeked.promise } };
  const looked = createSessionStandby(options as unknown as StandbyOptions).refresh();
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

it('shows nothing of what a look found when its turn had come: what runs here is newer', async () => {
  const { state, updates, answer } = startLook();
  state.status = 'CONNECTING';
  await answer();
  expect(updates).toEqual([]);
});
