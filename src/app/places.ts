/** Takes one of a subject's places; undefined where all are taken. Giving it back twice gives one back. */
export type TakePlace = (subject: string) => (() => void) | undefined;

/** So many places for each subject, of whatever is held open on its behalf. */
export function createPlaces(most: number): TakePlace {
  const taken = new Map<string, number>();
  return subject => {
    const count = taken.get(subject) ?? 0;
    if (count >= most) return undefined;
    taken.set(subject, count + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const rest = (taken.get(subject) ?? 1) - 1;
      if (rest > 0) taken.set(subject, rest);
      else taken.delete(subject);
    };
  };
}
