import { AsyncLocalStorage } from 'node:async_hooks';

const quiet = new AsyncLocalStorage<true>();
const METHODS = ['log', 'info', 'warn', 'error'] as const;

/** Runs the simulator's own Signal work so that what it prints goes nowhere, once `installQuietConsole` was called. */
export const quietly = <T>(work: () => Promise<T>): Promise<T> => quiet.run(true, work);

/**
 * libsignal prints whole signal sessions, private keys included. The filter drops what is printed inside
 * `quietly` and lets everything else through, so whatever else lives in the process keeps its console.
 * Returns the function that takes it away.
 */
export function installQuietConsole(): () => void {
  const undo = METHODS.map(method => {
    const original = console[method];
    const filtered = (...args: unknown[]) => {
      if (quiet.getStore() === undefined) original.apply(console, args);
    };
    console[method] = filtered;
    return () => {
      // Somebody may have wrapped the console after us; then ours has to stay underneath.
      if (console[method] === filtered) console[method] = original;
    };
  });
  return () => {
    for (const restore of undo) restore();
  };
}
