/** Parts of key names that stand for something nobody may read in a log, compared without case and punctuation. */
const SECRET_PARTS = [
  'secret',
  'password',
  'passphrase',
  'token',
  'authorization',
  'cookie',
  'credential',
  'creds',
  'private',
  'privkey',
  'apikey',
  'keypair',
  'noisekey',
  'identitykey',
  'prekey',
  'senderkey',
  'datakey',
  'pairingcode',
  'qrcode',
  'phonenumber',
  'uri',
];
/** Whole names: too short to look for inside others. */
const SECRET_NAMES = new Set(['qr', 'jid', 'lid', 'me', 'text', 'value', 'entries', 'displayname']);

const HIDDEN = '[hidden]';
const DEEPEST = 8;

/**
 * The same fields without what must not be in a log: by the name of the key, however deep it lies. Lists of paths, as
 * loggers have them, see only the depths that somebody thought of. Bytes become their number, errors what they say of
 * themselves; what libraries hang on their errors may hold anything.
 */
export function withoutSecrets(fields: object): Record<string, unknown> {
  return filterFields(fields, []);
}

/** `above` are the objects that this one lies in, so that a circle ends. */
function filterFields(fields: object, above: readonly object[]): Record<string, unknown> {
  const inside = [...above, fields];
  const filterOne = ([key, value]: [string, unknown]) => [
    key,
    isSecretName(key) && !isPlainFact(value) ? HIDDEN : filterValue(value, inside),
  ];
  return Object.fromEntries(Object.entries(fields).map(filterOne));
}

function filterValue(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'string') return withoutLogins(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (above.includes(value) || above.length >= DEEPEST) return '[more]';
  if (value instanceof Error) return describeError(value, [...above, value]);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map(item => filterValue(item, [...above, value]));
  return filterFields(value, above);
}

function describeError({ name, message, stack, cause, ...rest }: Error, above: readonly object[]) {
  const { code } = rest as { code?: unknown };
  return {
    name,
    message: withoutLogins(message),
    ...(stack !== undefined && { stack: withoutLogins(stack) }),
    ...(typeof code === 'string' && { code }),
    ...(cause !== undefined && { cause: cause instanceof Error ? filterValue(cause, above) : typeof cause }),
  };
}

/** How many pre-keys there are is no secret. */
const isPlainFact = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null;

const isSecretName = (key: string): boolean => {
  const name = key.toLowerCase().replace(/[^a-z]/g, '');
  return SECRET_NAMES.has(name) || SECRET_PARTS.some(part => name.includes(part));
};

/** Drivers quote the address that they were given, and it holds a password. */
const withoutLogins = (text: string): string =>
  text.replace(/:\/\/[^\s/@]+@/g, '://***@').replace(/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer ***');
