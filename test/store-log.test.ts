import { expect, it } from 'vitest';
import { StoreError, type StoreErrorCode } from '../src/core/errors.ts';
import { createStoreLog } from '../src/store-log.ts';
import { createFakeClock, type FakeClock } from './support/fake-clock.ts';

const good = { store: 'tidb', call: 'probe', ms: 1 };
const bad = (code: StoreErrorCode) => ({ ...good, error: new StoreError(code, 'tidb', 'why') });

function createLog(clock: FakeClock = createFakeClock()) {
  const events: string[] = [];
  const note = ({ event }: { event: string }) => void events.push(event);
  return { events, log: createStoreLog({ info: note, warn: note } as never, clock) };
}

it('says once that a store is down, and once that it is up again', () => {
  const { events, log } = createLog();
  const down = bad('STORE_UNAVAILABLE');
  for (const call of [good, down, down, good, good, down]) log(call);
  expect(events).toEqual(['store.down', 'store.up', 'store.down']);
});

it('says once a minute that a store can not read or write', async () => {
  const clock = createFakeClock();
  const { events, log } = createLog(clock);
  for (let call = 0; call < 9; call += 1) log(bad('STORE_UNREADABLE'));
  await clock.advance(59_999);
  log(bad('STORE_UNREADABLE'));
  expect(events).toEqual(['store.failing']);
  await clock.advance(1);
  log(bad('STORE_UNREADABLE'));
  expect(events).toEqual(['store.failing', 'store.failing']);
});

it('says nothing of an answer that is only a no', () => {
  const { events, log } = createLog();
  log(bad('STORE_FENCED'));
  log(bad('SESSION_HELD_ELSEWHERE'));
  expect(events).toEqual([]);
});
