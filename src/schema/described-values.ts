/** Enum values from a table that the compiler keeps complete. */
export function describedValues<T extends string>(descriptions: Record<T, string>) {
  const values = Object.entries<string>(descriptions).map(([value, description]) => [value, { description }]);
  return Object.fromEntries(values) as Record<T, { description: string }>;
}
