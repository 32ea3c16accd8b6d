/**
 * The names of the files in which Baileys' `useMultiFileAuthState` keeps a session: `TYPE-ID.json`, where a slash of
 * the id became two underscores and a colon a dash. That can't be undone in general, so it is done by what the ids of
 * each type look like.
 */

export const CREDS_FILE = 'creds.json';

const literal = (text: string) => text;

/** Only digits stand before and after the device's colon; the dash of an old group's id has no such place. */
const jid = (text: string) => text.replace(/^(\d+(?:_\d+)?)-(\d+)@(s\.whatsapp\.net|lid)$/, '$1:$2@$3');

const ID_OF: Readonly<Record<string, (text: string) => string>> = {
  'pre-key': literal,
  session: literal,
  'identity-key': literal,
  // `group::user::device`: the group of old has a dash of its own.
  'sender-key': text => text.replace(/^(.+)--([^-]+)--(\d+)$/, '$1::$2::$3'),
  'sender-key-memory': jid,
  // base64, which has slashes, and neither dashes nor underscores.
  'app-state-sync-key': text => text.replaceAll('__', '/'),
  'app-state-sync-version': literal,
  'lid-mapping': literal,
  'device-list': literal,
  // `__index` is the name of one record, not an escaped slash.
  tctoken: jid,
};

/** The ten types of signal keys that Baileys keeps. */
export const SIGNAL_KEY_TYPES: readonly string[] = Object.keys(ID_OF);

/** One type is the beginning of another: `sender-key` and `sender-key-memory`. */
const LONGEST_FIRST = SIGNAL_KEY_TYPES.toSorted((a, b) => b.length - a.length);

/** As Baileys names it. */
export function keyFileName(type: string, id: string): string {
  return `${type}-${id}.json`.replaceAll('/', '__').replaceAll(':', '-');
}

/** Undefined where it is not the name of a key's file. */
export function readKeyFileName(name: string): { readonly type: string; readonly id: string } | undefined {
  if (!name.endsWith('.json')) return undefined;
  const stem = name.slice(0, -'.json'.length);
  const type = LONGEST_FIRST.find(candidate => stem.startsWith(`${candidate}-`));
  const readId = type === undefined ? undefined : ID_OF[type];
  if (type === undefined || !readId) return undefined;
  const id = readId(stem.slice(type.length + 1));
  return id === '' ? undefined : { type, id };
}
