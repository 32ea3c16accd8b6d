import { encodeBaileys } from './codec.ts';
import { judgeCreds, type OldCreds } from './multi-file-content.ts';
import { decodeOldValue } from './old-encodings.ts';

/**
 * Credentials that an older system kept in a database: a document, or JSON in a string. Undefined where these are no
 * credentials that Baileys could log in with, so also where they were cut off.
 */
export function readOldCredentials(found: unknown): OldCreds | undefined {
  try {
    const document = typeof found === 'string' ? JSON.parse(found) : found;
    return judgeCreds(encodeBaileys(decodeOldValue(document)));
  } catch {
    return undefined;
  }
}
