/** A store ceased to answer, or answers again. */
export interface StoreTurn {
  readonly store: string;
  readonly isUp: boolean;
  /** Code of the error. */
  readonly why?: string;
}

/** Passes turns on to one listener that comes late: it is told first of the stores that are down when it comes. */
export interface StoreTurns {
  note(turn: StoreTurn): void;
  listen(listener: (turn: StoreTurn) => void): void;
}

export function createStoreTurns(): StoreTurns {
  const down = new Map<string, StoreTurn>();
  let tell: (turn: StoreTurn) => void = () => {};
  return {
    note(turn) {
      if (turn.isUp) down.delete(turn.store);
      else down.set(turn.store, turn);
      tell(turn);
    },
    listen(listener) {
      tell = listener;
      for (const turn of down.values()) listener(turn);
    },
  };
}
