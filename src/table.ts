type Row = Readonly<Record<string, unknown>>;

const GAP = '  ';

/** Rows in columns, for a terminal; the names of the fields stand above. */
export function drawTable(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return 'none';
  const lines = [names, ...rows.map(row => names.map(name => cell(row[name])))];
  const widths = names.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  return lines
    .map(line =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.length > 0 ? value.join(',') : '-';
  return String(value);
}
