/** GraphQL says `null` or nothing for an argument left out; inside, it is simply not there. */
export function withoutNulls<T extends object>(input: T): WithoutNulls<T> {
  const given = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given) as WithoutNulls<T>;
}

type NullableKey<T> = {
  [K in keyof T]-?: null extends T[K] ? K : undefined extends T[K] ? K : never;
}[keyof T];

export type WithoutNulls<T> = Omit<T, NullableKey<T>> & {
  [K in NullableKey<T>]?: Exclude<T[K], null | undefined>;
};
