const LAST_LINES = 5;

/**
 * Why a program failed, in its own last words.
 * @param {unknown} cause What `execFile` rejected with.
 */
export function failureOf(cause) {
  const { code, path, stderr, message } = /** @type {NodeJS.ErrnoException & { stderr?: string }} */ (cause);
  if (code === 'ENOENT') return `there is no ${path} on the PATH`;
  return lastLines(stderr ?? '') || message;
}

/** @param {string} text */
export function lastLines(text) {
  return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
}
