/**
 * The driver (7.9) lets a full socket drain, and forgets who waits for that when it gives the connection up: after the
 * socket's timeout, or with its client. Such a call would never end, and all of its session would wait behind it.
 */
export class ForgottenCall extends Error {
  override readonly name = 'ForgottenCall';
}

/** Rejects with `ForgottenCall` after so long, which is longer than the driver takes where it forgets nothing. */
export async function unlessForgotten<T>(call: Promise<T>, afterMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const forgotten = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ForgottenCall(`nothing came of it in ${afterMs} ms`)), afterMs);
  });
  try {
    return await Promise.race([call, forgotten]);
  } finally {
    clearTimeout(timer);
  }
}
