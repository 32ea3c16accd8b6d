import { wordList } from './forms.ts';

/** The bounds that an operator may move, by their names in LIMITS, with the least and the most they may be. */
export const ADJUSTABLE_LIMITS = {
  bodyBytes: [1_024, 16_777_216],
  queryTokens: [100, 100_000],
  queryDepth: [3, 50],
  queryAliases: [1, 1_000],
  queryDirectives: [1, 1_000],
  queryObjects: [100, 1_000_000],
  connections: [1, 1_000_000],
  sockets: [1, 1_000_000],
  socketsPerSubject: [1, 1_000_000],
  operationsPerSocket: [1, 10_000],
  subscriptionsPerSubject: [1, 1_000_000],
  socketMessageBytes: [1_024, 16_777_216],
  mutationsPerMinute: [1, 1_000_000],
  rareMutationsPerMinute: [1, 1_000_000],
} as const;

export type AdjustableLimit = keyof typeof ADJUSTABLE_LIMITS;

const FORM = /^([A-Za-z]+)=(\d{1,9})$/;

/** `name=number`, comma-separated. A name that nobody knows is refused: a bound that does not bind is worse than none. */
export const limitList = wordList
  .transform((words, context): Partial<Record<AdjustableLimit, number>> => {
    const limits: Partial<Record<AdjustableLimit, number>> = {};
    for (const word of words) {
      const [, name = '', digits] = FORM.exec(word) ?? [];
      const problem = isLimit(name) ? outOfRange(name, Number(digits)) : wanted;
      if (problem !== undefined) context.addIssue(problem);
      else if (isLimit(name)) limits[name] = Number(digits);
    }
    return limits;
  })
  .default({});

const wanted = `must be a list of name=number, e.g. queryDepth=10, of ${Object.keys(ADJUSTABLE_LIMITS).join(', ')}`;

const isLimit = (name: string): name is AdjustableLimit => Object.hasOwn(ADJUSTABLE_LIMITS, name);

function outOfRange(name: AdjustableLimit, value: number): string | undefined {
  const [least, most] = ADJUSTABLE_LIMITS[name];
  return value < least || value > most ? `${name} must be from ${least} to ${most}` : undefined;
}
