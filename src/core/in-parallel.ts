/** Works through the items in their order, so many at a time. The first rejection is that of the whole. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  job: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  async function work(): Promise<void> {
    for (let next = rest.next(); !next.done; next = rest.next()) await job(next.value);
  }
  await Promise.all(Array.from({ length: atOnce }, work));
}
