/** Written out, and never altered again: what ran somewhere must stay what it was. */
export const firstTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS sessiongraph_entries (
    generation BIGINT UNSIGNED NOT NULL,
    sid VARBINARY(255) NOT NULL,
    name VARBINARY(767) NOT NULL,
    chunk SMALLINT UNSIGNED NOT NULL,
    size INT NOT NULL,
    value MEDIUMBLOB NOT NULL,
    copy_generation BIGINT UNSIGNED,
    fence BIGINT UNSIGNED,
    PRIMARY KEY (generation, sid, name, chunk) /*T![clustered_index] CLUSTERED */
  )`,
  `CREATE TABLE IF NOT EXISTS sessiongraph_unlinked (
    generation BIGINT UNSIGNED NOT NULL,
    sid VARBINARY(255) NOT NULL,
    since BIGINT UNSIGNED NOT NULL,
    dead TINYINT NOT NULL,
    PRIMARY KEY (generation) /*T![clustered_index] CLUSTERED */
  )`,
  // Heads that could not be read, as they were. The entries of their generations stay where they are.
  `CREATE TABLE IF NOT EXISTS sessiongraph_damaged (
    sid VARBINARY(255) NOT NULL,
    copy_generation BIGINT UNSIGNED NOT NULL,
    value MEDIUMBLOB NOT NULL,
    since BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (sid, copy_generation) /*T![clustered_index] CLUSTERED */
  )`,
];
