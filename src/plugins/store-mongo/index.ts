import type { MongoClientOptions } from 'mongodb';
import type { SessionStore } from '../../core/store.ts';
import type { Documents } from './documents.ts';
import type { FoldLimits } from './log-folding.ts';
import { createDocuments } from './mongo-documents.ts';
import { createMongoStore } from './mongo-store.ts';
import { createServerLine, type ServerTimeouts } from './server-line.ts';

export interface MongoStoreOptions extends ServerTimeouts {
  readonly name: string;
  /** `mongodb://…` or `mongodb+srv://…`; the database is `sessiongraph` where it names none. */
  readonly uri: string;
  readonly clock?: { now(): number };
  /** How long a lease lasts by the clock of the server. */
  readonly leaseLifetimeMs?: number;
  readonly foldAfter?: Partial<FoldLimits>;
  readonly rememberedSessions?: number;
  /** For tests: whatever else the driver can be told, and the commands it sends. */
  readonly driver?: MongoClientOptions;
  readonly onCommand?: (name: string) => void;
  /** For tests: what stands between the store and its server. */
  readonly intercept?: (documents: Documents) => Documents;
}

/**
 * Sessions in MongoDB, or in what speaks its protocol. Resolves without asking the server; rejects with
 * STORE_UNAVAILABLE where the connection string can't be read.
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<SessionStore> {
  const { name, clock = Date, foldAfter, rememberedSessions = 1000, intercept = given => given } = options;
  const { leaseLifetimeMs = 15_000 } = options;
  const documents = intercept(createDocuments(createServerLine({ ...options, store: name })));
  const limits = { changes: 64, sizeBytes: 256 * 1024, idleMs: 1000, ...foldAfter };
  return createMongoStore({
    name,
    documents,
    now: () => clock.now(),
    limits,
    leaseLifetimeMs,
    rememberedSessions,
  });
}
