import { type AuthenticationCreds, jidDecode } from '@whiskeysockets/baileys';
import { decodeCreds, encodeBaileys } from './codec.ts';

interface PlainEntry {
  readonly type: string;
  readonly id: string;
  readonly value: Uint8Array;
}

/** Far beyond what a device can have uploaded since its copy was made, and far below the 24 bits of a pre-key id. */
const PRE_KEY_LEAP = 20_000;
const MAX_PRE_KEY_ID = 0xff_ff_ff;

/**
 * Makes a copy that is behind safe to run (law 2). Its ratchets have been used beyond what it knows, so:
 * - every signal session is closed: a closed one still decrypts, an open one would encrypt with used message keys;
 * - own sender keys go, and the memory of who has them, so that groups get a new one;
 * - pre-key ids leap past all that were ever given out, as far as this copy and a newer one, if there is one, know;
 *   for the server may hold others under the next ones.
 *
 * Returns the new value of an entry, undefined where it has to go.
 */
export function createStaleCopyFilter(
  creds: Uint8Array,
  now: number,
  newerCreds: Uint8Array = creds,
): (entry: PlainEntry) => Uint8Array | undefined {
  const isOwnSenderKey = ownSenderKeys(decodeCreds(creds));
  return ({ type, id, value }) => {
    switch (type) {
      case 'session':
        return closeSignalSessions(value, now);
      case 'sender-key':
        return isOwnSenderKey(id) ? undefined : value;
      case 'sender-key-memory':
        return undefined;
      case 'creds':
        return leapPreKeys(value, decodeCreds(newerCreds).nextPreKeyId);
      default:
        return value;
    }
  };
}

function closeSignalSessions(value: Uint8Array, now: number): Uint8Array {
  const record = JSON.parse(Buffer.from(value).toString());
  for (const session of Object.values<{ indexInfo: { closed: number } }>(record._sessions ?? {})) {
    if (session.indexInfo.closed === -1) session.indexInfo.closed = now;
  }
  return Buffer.from(JSON.stringify(record));
}

/** Ids are `group::user::device`, where a hidden user (LID) is marked by its domain: `user_1`. */
function ownSenderKeys({ me }: AuthenticationCreds): (id: string) => boolean {
  const own = [me?.id, me?.lid].flatMap(jid => {
    const decoded = jid ? jidDecode(jid) : undefined;
    return decoded ? [decoded.user] : [];
  });
  const device = String((me && jidDecode(me.id)?.device) ?? 0);
  return id => {
    const [, user = '', ofDevice] = id.split('::');
    return ofDevice === device && own.includes(user.replace(/_\d+$/, ''));
  };
}

function leapPreKeys(value: Uint8Array, knownId: number): Uint8Array {
  const creds = decodeCreds(value);
  const next = (Math.max(creds.nextPreKeyId, knownId) + PRE_KEY_LEAP) % MAX_PRE_KEY_ID;
  return encodeBaileys({ ...creds, nextPreKeyId: next, firstUnuploadedPreKeyId: next });
}
