/**
 * One row for each session that was ever leased: its epoch is kept for good. `ends_at` is in milliseconds since 1970 by
 * the database's clock, and 0 where the lease was released.
 */
export const leaseTable: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS sessiongraph_leases (
    sid VARBINARY(255) NOT NULL,
    epoch BIGINT UNSIGNED NOT NULL,
    holder VARBINARY(255) NOT NULL,
    ends_at BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (sid) /*T![clustered_index] CLUSTERED */,
    KEY running (ends_at)
  )`,
];
