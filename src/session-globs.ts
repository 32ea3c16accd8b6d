/**
 * Whether an id fits one of the patterns, in which `*` stands for any run of characters and everything else for
 * itself. No regular expression: patterns come from tokens, and a glob made into one can backtrack for ages.
 */
export function createGlobMatcher(patterns: readonly string[]): (id: string) => boolean {
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')));
  const globs = patterns.filter(pattern => pattern.includes('*')).map(pattern => pattern.split('*'));
  return id => exact.has(id) || globs.some(parts => fits(parts, id));
}

/** Taking each part at its first place is enough: a later place would only leave less room for the rest. */
function fits(parts: readonly string[], id: string): boolean {
  const [first = '', ...middle] = parts;
  const last = middle.pop() ?? '';
  if (!id.startsWith(first)) return false;
  let from = first.length;
  for (const part of middle) {
    const at = id.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return id.length - last.length >= from && id.endsWith(last);
}
