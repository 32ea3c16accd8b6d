import { StoreError } from '../../../src/core/errors.ts';
import type { Documents } from '../../../src/plugins/store-mongo/documents.ts';

/** What goes wrong with an operation: it is not carried out, or it is and the answer is lost. */
export type Interruption = 'not-done' | 'answer-lost';

/** Documents whose operations a test counts, breaks and holds up. */
export interface InterruptedDocuments {
  readonly intercept: (documents: Documents) => Documents;
  /** Names of the operations so far. */
  readonly operations: string[];
  /** The n-th operation from now on goes wrong, and all after it, until `heal`. */
  breakAt(n: number, how: Interruption): void;
  heal(): void;
  /** Inserts into the log wait until the returned function is called; it resolves when they are sent. */
  holdChanges(): () => void;
}

export function createInterruptedDocuments(): InterruptedDocuments {
  const operations: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  let kind: Interruption = 'not-done';
  let held: Promise<void> | undefined;

  const lost = () => new StoreError('STORE_UNAVAILABLE', 'mongo', 'the test cut the line');
  async function pass<T>(name: string, operation: () => Promise<T>): Promise<T> {
    operations.push(name);
    if (name === 'insert sessiongraph_changes') await held;
    left -= 1;
    if (left > 0) return operation();
    if (left === 0 && kind === 'answer-lost') await operation();
    throw lost();
  }
  return {
    operations,
    breakAt(n, how) {
      left = n;
      kind = how;
    },
    heal() {
      left = Number.POSITIVE_INFINITY;
    },
    holdChanges() {
      let release = () => {};
      held = new Promise(resolve => {
        release = resolve;
      });
      return () => {
        held = undefined;
        release();
      };
    },
    intercept: documents => ({
      ...documents,
      insert: (collection, given) => pass(`insert ${collection}`, () => documents.insert(collection, given)),
      find: (collection, ranges, order) =>
        pass(`find ${collection}`, () => documents.find(collection, ranges, order)),
      findWhere: (collection, ranges, where) =>
        pass(`find ${collection}`, () => documents.findWhere(collection, ranges, where)),
      remove: (collection, ranges, where) =>
        pass(`remove ${collection}`, () => documents.remove(collection, ranges, where)),
      removeIds: (collection, ids) =>
        pass(`remove ${collection}`, () => documents.removeIds(collection, ids)),
    }),
  };
}
