/** The next `size` of a list that changes: everything comes to its turn, and nothing twice before. */
export function createTurns(size: number): <T>(items: readonly T[]) => readonly T[] {
  let place = 0;
  return items => {
    if (place >= items.length) place = 0;
    const chosen = items.slice(place, place + size);
    place += size;
    return chosen;
  };
}
