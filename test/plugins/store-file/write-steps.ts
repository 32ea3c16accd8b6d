import type { SessionStore } from '../../../src/core/store.ts';
import { ORIGIN } from '../../../src/core/store.ts';
import { changeOf, headAt, replacementOf, tombstoneOf } from '../../contract/sample-changes.ts';

export const ID = 'personal';
const big = 'x'.repeat(5000);

/** Every way of writing; each step may be repeated until it is done. */
export const STEPS: ((store: SessionStore) => Promise<unknown>)[] = [
  store => store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'one', key: big })),
  store => store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'two', more: big })),
  store => store.applyChange(changeOf(ID, headAt(1, 2), headAt(1, 3), { key: undefined, creds: 'three' })),
  store => store.replaceSession(replacementOf(ID, headAt(2, 4), { creds: 'four', new: big })),
  store => store.applyChange(changeOf(ID, headAt(2, 4), headAt(2, 5), { creds: 'five' })),
  store => store.replaceSession(tombstoneOf(ID, headAt(2, 6))),
  store => store.applyChange(changeOf(ID, headAt(2, 6), headAt(3, 7), { creds: 'seven' })),
];
/** What the session holds after each of them. */
export const AFTER = [
  { creds: 'one', key: big },
  { creds: 'two', key: big, more: big },
  { creds: 'three', more: big },
  { creds: 'four', new: big },
  { creds: 'five', new: big },
  {},
  { creds: 'seven' },
];
