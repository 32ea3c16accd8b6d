import { afterEach, beforeEach, describe } from 'vitest';
import type { SessionStore } from '../../src/core/store.ts';
import { testChanges } from './change-rules.ts';
import { testHistories } from './history-rules.ts';
import { testLeases } from './lease-rules.ts';
import { testLeaseTimes } from './lease-time-rules.ts';
import { testLifecycle } from './lifecycle-rules.ts';
import { testReads } from './read-rules.ts';
import { testReplacements } from './replacement-rules.ts';

export interface StoreSubject {
  /** Whether it can decide who runs a session. */
  readonly issuesLeases: boolean;
  /** The stores that it is made of: one of them refuses, and is named. */
  readonly members?: readonly string[];
  /** Moves all leases so far back in time. Missing where they last as long as a process. */
  passTime?(store: SessionStore, ms: number): Promise<void>;
  /** How many random histories are worth their time in every run: fewer where a store is slow. */
  readonly histories?: number;
  /** A new store that holds nothing and shares nothing with any other. */
  open(): Promise<SessionStore>;
  /** Closes the store and opens what it left. Missing where nothing outlives a store. */
  reopen?(store: SessionStore): Promise<SessionStore>;
  /** Closes the store and removes what it left. */
  destroy(store: SessionStore): Promise<void>;
  /** Damages the bytes of one session, so that its position can't be told, and opens the store again. */
  damage?(store: SessionStore, sessionId: string): Promise<SessionStore>;
}

/** The store of the running test. */
export interface StoreFixture {
  readonly subject: StoreSubject;
  readonly store: SessionStore;
  reopen(): Promise<SessionStore>;
  passTime(ms: number): Promise<void>;
  damage(sessionId: string): Promise<SessionStore>;
}

/** Every sentence of src/core/store.ts as a test, for any store. */
export function testSessionStore(name: string, subject: StoreSubject): void {
  describe(`${name} keeps the store contract`, () => {
    let store: SessionStore;
    beforeEach(async () => {
      store = await subject.open();
    });
    afterEach(() => subject.destroy(store));

    const fixture: StoreFixture = {
      subject,
      get store() {
        return store;
      },
      async reopen() {
        if (!subject.reopen) throw new Error('this subject can not reopen a store');
        store = await subject.reopen(store);
        return store;
      },
      async passTime(ms) {
        if (!subject.passTime) throw new Error('time does not pass for the leases of this subject');
        await subject.passTime(store, ms);
      },
      async damage(sessionId) {
        if (!subject.damage) throw new Error('this subject can not damage a copy');
        store = await subject.damage(store, sessionId);
        return store;
      },
    };
    testReads(fixture);
    testChanges(fixture);
    testReplacements(fixture);
    testLeases(fixture);
    testLeaseTimes(fixture);
    testLifecycle(fixture);
    testHistories(subject);
  });
}
