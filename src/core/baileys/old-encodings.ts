/**
 * Fields that hold bytes, wherever credentials have them. A bare string in one of them is base64: that is what the
 * driver's binary type and protobuf messages become in plain JSON.
 */
export const BYTE_FIELDS: ReadonlySet<string> = new Set([
  'private',
  'public',
  'signature',
  'identifierKey',
  'details',
  'accountSignatureKey',
  'accountSignature',
  'deviceSignature',
  'routingInfo',
  'keyData',
]);

/** Such a key would reach into the prototype of whatever it is copied into. */
const TRAPS: ReadonlySet<string> = new Set(['__proto__', 'constructor']);
const NUMBERS = ['$numberInt', '$numberLong', '$numberDouble'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Credentials as older systems kept them, with bytes as Buffers again, in every encoding found in the wild: BSON and
 * its dumps, JSON with bytes as base64, as lists or as objects with a key for each byte, and mixtures of these.
 * What BSON had to call null is absent.
 */
export function decodeOldValue(value: unknown, field = ''): unknown {
  if (typeof value === 'string' && BYTE_FIELDS.has(field)) return Buffer.from(value, 'base64');
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const plain = decodeBytes(value as Fields, field) ?? decodeNumber(value as Fields);
  if (plain !== undefined) return plain;
  if (Array.isArray(value)) return value.map(item => decodeOldValue(item));
  const kept = Object.entries(value).filter(([key, inner]) => !TRAPS.has(key) && inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, decodeOldValue(inner, key)]));
}

/** Undefined where this is not the encoding of bytes. */
function decodeBytes(value: Fields, field: string): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (value._bsontype === 'Binary') return readBinary(value);
  if (value.type === 'Buffer') return readBytes(value.data);
  if ('$binary' in value) return readBytes((value.$binary as Fields).base64 ?? value.$binary);
  if (Array.isArray(value)) return undefined;
  const bytes = Object.values(value);
  // An empty one is no bytes only where there have to be some: elsewhere it is an object without fields.
  const isIndexed = bytes.length > 0 ? Object.keys(value).every(isPlace) : BYTE_FIELDS.has(field);
  return isIndexed ? readBytes(bytes) : undefined;
}

/** The driver's own class, by its mark: this file knows no driver. */
function readBinary({ buffer, position }: Fields): Buffer | undefined {
  return buffer instanceof Uint8Array ? Buffer.from(buffer).subarray(0, Number(position)) : undefined;
}

function readBytes(data: unknown): Buffer | undefined {
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  return Array.isArray(data) && data.every(isByte) ? Buffer.from(data) : undefined;
}

function decodeNumber(value: Fields): number | undefined {
  const kind = NUMBERS.find(name => typeof value[name] === 'string');
  return kind === undefined ? undefined : Number(value[kind]);
}

const isPlace = (key: string, place: number) => key === String(place);
const isByte = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
