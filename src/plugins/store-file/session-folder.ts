const SESSION_ID = /^[A-Za-z0-9._-]{1,128}$/;

export const isSessionId = (text: string): boolean => SESSION_ID.test(text);

/**
 * The folder of a session. Ids that differ only in case must not meet where the file system ignores case, so the
 * letters are written small and a mask of the capitals follows: one bit a character, as hex digits. The `~` before it
 * also keeps `CON` and names that end in a dot apart from what Windows reserves. `My.Bot` becomes `my=bot~9`.
 */
export function folderNameOf(sessionId: string): string {
  const letters = sessionId.toLowerCase().replaceAll('.', '=');
  return `${letters}~${capitalsOf(sessionId)}`;
}

/** The id whose folder this is; undefined for any other name. */
export function sessionIdOf(folderName: string): string | undefined {
  const [letters = '', mask = ''] = folderName.split('~');
  const id = [...letters.replaceAll('=', '.')]
    .map((letter, at) => (isCapital(mask, at) ? letter.toUpperCase() : letter))
    .join('');
  return isSessionId(id) && folderNameOf(id) === folderName ? id : undefined;
}

function capitalsOf(sessionId: string): string {
  const digits: string[] = [];
  for (let at = 0; at < sessionId.length; at += 4) {
    const four = [...sessionId.slice(at, at + 4)];
    const bits = four.map((letter, bit) => (/[A-Z]/.test(letter) ? 1 << bit : 0));
    digits.push(bits.reduce((sum, bit) => sum + bit, 0).toString(16));
  }
  return digits.join('').replace(/0+$/, '');
}

const isCapital = (mask: string, at: number): boolean =>
  ((Number.parseInt(mask[at >> 2] ?? '0', 16) >> (at & 3)) & 1) === 1;
