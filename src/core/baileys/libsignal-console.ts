/**
 * libsignal 6 prints whole signal sessions, private keys included, with `console.*`. Nothing else in this program
 * uses the console, so all of it is dropped (law 11); our own output goes through the logger and process.stdout.
 */
export function silenceConsole(): void {
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const) {
    console[method] = () => {};
  }
}
