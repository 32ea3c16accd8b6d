/**
 * Values on their way between servers: JSON in which instants stay instants. Fields that this version does not know
 * pass through, and those that another version does not send are absent, so that servers of two versions understand
 * each other while a new one is rolled out.
 */
export function encodeValue(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value, markDates));
}

/** Throws a SyntaxError where the bytes are none of ours. */
export function decodeValue(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString(), reviveDates);
}

/** `value` is a text already, by the toJSON of Date; the object that holds it has the date itself. */
function markDates(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? { $at: original.getTime() } : value;
}

/** No value of ours has a field of that name, and a text cannot become an object. */
function reviveDates(_key: string, value: unknown): unknown {
  const at = (value as { $at?: unknown } | null)?.$at;
  return typeof at === 'number' ? new Date(at) : value;
}
