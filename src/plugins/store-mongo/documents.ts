import type { CollectionName, IdRange } from './document-ids.ts';

/** As the driver hands it out: nothing about it is known yet. */
export type RawDocument = { readonly _id: string } & Readonly<Record<string, unknown>>;

/**
 * All that the store asks of a server. Only inserts and removals: an insert under an id is the one operation that is
 * atomic everywhere, and a document that never changes can't be torn or moved backwards.
 */
export interface Documents {
  /** In this order, and no further than the first that fails. Rejects with `IdTaken` where an id exists. */
  insert(collection: CollectionName, documents: readonly RawDocument[]): Promise<void>;
  /** All whose ids are free, in any order; resolves to the ids that exist already. */
  insertFree(collection: CollectionName, documents: readonly RawDocument[]): Promise<ReadonlySet<string>>;
  /** In the order of their ids, or against it. */
  find(
    collection: CollectionName,
    ranges: readonly IdRange[],
    order?: 'newest-first',
  ): Promise<RawDocument[]>;
  /** In any order. */
  findAbove(collection: CollectionName, field: string, value: number): Promise<RawDocument[]>;
  index(collection: CollectionName, field: string): Promise<void>;
  /** In no order. */
  findWhere(collection: CollectionName, ranges: readonly IdRange[], where: Condition): Promise<RawDocument[]>;
  /** In the order of their ids, as many at once as the server sends. */
  stream(collection: CollectionName, range: IdRange): AsyncIterable<RawDocument[]>;
  /** Ids alone, in their order, by the page: of one range or of everything. */
  ids(collection: CollectionName, range?: IdRange, where?: Condition): AsyncIterable<string[]>;
  remove(collection: CollectionName, ranges: readonly IdRange[], where?: Condition): Promise<void>;
  removeIds(collection: CollectionName, ids: readonly string[]): Promise<void>;
  probe(): Promise<void>;
  /** Milliseconds since 1970 by the clock of the server. */
  serverNow(): Promise<number>;
  /** How many connections were closed so far: behind the next one may be another server, or an older backup. */
  closures(): number;
  close(): Promise<void>;
}

export interface Condition {
  readonly isPost?: boolean;
  readonly isDead?: boolean;
  /** Not those of a session that was claimed and never written. */
  readonly isWritten?: true;
  /** Only those whose value lies in chunks. */
  readonly isLarge?: true;
  /** Only what was written before this instant. */
  readonly before?: number;
  /** Only the document with this checksum. */
  readonly crc?: unknown;
}

export class IdTaken extends Error {
  override readonly name = 'IdTaken';
}

/** Whether the id was free, and so the document is there now. */
export function insertIfFree(
  documents: Documents,
  collection: CollectionName,
  document: RawDocument,
): Promise<boolean> {
  return documents.insert(collection, [document]).then(
    () => true,
    error => {
      if (error instanceof IdTaken) return false;
      throw error;
    },
  );
}

/** What is wrong with a document. */
export class DamagedDocument extends Error {
  override readonly name = 'DamagedDocument';
}
