import { bigint, customType, int, mysqlTable, smallint, tinyint } from 'drizzle-orm/mysql-core';

/** Drizzle's own `varbinary` answers with text. */
const bytes = customType<{ data: Buffer; driverData: Buffer; config: { sqlName: string } }>({
  dataType: config => config?.sqlName ?? 'mediumblob',
});
const unsigned = () => bigint({ mode: 'number', unsigned: true });

/** The longest id of a session and the longest name of an entry, in bytes of UTF-8. */
export const SESSION_ID_BYTES = 255;
export const ENTRY_NAME_BYTES = 767;
/** The longest name of a server that holds a lease. */
export const HOLDER_BYTES = 255;

/** A value is cut at this size: TiDB takes no row above 6 MiB. */
export const CHUNK_BYTES = 1024 * 1024;

/** All heads are together, under a generation that no copy has. */
export const HEADS = 0;

/** `size` of the mark that a deleted entry leaves until it is pruned. */
export const DELETED = -1;

/**
 * Heads and entries are rows of one table, so that one statement can write both, and is atomic by itself.
 * A row of generation HEADS is the head of its session: `value` is the head, `copyGeneration` the generation under
 * which the entries lie; a session that was leased and never written has a head without either. In all other rows `name` is an entry of that generation. Chunk 0 decides: `size` is the size
 * of the whole value, chunks beyond it are litter of a longer value.
 */
export const rows = mysqlTable('sessiongraph_entries', {
  generation: unsigned().notNull(),
  sid: bytes({ sqlName: `varbinary(${SESSION_ID_BYTES})` }).notNull(),
  name: bytes({ sqlName: `varbinary(${ENTRY_NAME_BYTES})` }).notNull(),
  chunk: smallint({ unsigned: true }).notNull(),
  size: int().notNull(),
  value: bytes({ sqlName: 'mediumblob' }).notNull(),
  copyGeneration: bigint('copy_generation', { mode: 'number', unsigned: true }),
  /** Beside the head, so that it is known of a damaged one too. */
  fence: unsigned(),
});

/** Generations that no head shows: being staged, or `dead` and to be deleted. */
export const unlinked = mysqlTable('sessiongraph_unlinked', {
  generation: unsigned().notNull(),
  sid: bytes({ sqlName: `varbinary(${SESSION_ID_BYTES})` }).notNull(),
  /** Seconds since 1970 by the server, so that all clients mean the same. */
  since: unsigned().notNull(),
  dead: tinyint().notNull(),
});

/** The last lease of each session. */
export const leases = mysqlTable('sessiongraph_leases', {
  sid: bytes({ sqlName: `varbinary(${SESSION_ID_BYTES})` }).notNull(),
  epoch: unsigned().notNull(),
  holder: bytes({ sqlName: `varbinary(${HOLDER_BYTES})` }).notNull(),
  endsAt: bigint('ends_at', { mode: 'number', unsigned: true }).notNull(),
});
