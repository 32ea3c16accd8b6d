const POLITE_MS = 10_000;
const NEXT_LOOK_MS = 20;

/**
 * Ends a process politely, and after a while hard. Resolves when it is gone.
 * @param {number} pid
 */
export async function endProcess(pid) {
  const end = performance.now() + POLITE_MS;
  signal(pid, 'SIGTERM');
  while (isAlive(pid)) {
    if (performance.now() > end) signal(pid, 'SIGKILL');
    await new Promise(resolve => setTimeout(resolve, NEXT_LOOK_MS));
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}
