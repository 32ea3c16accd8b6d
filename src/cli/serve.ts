import { type Command, readWords } from './command.ts';

/** Runs until it is stopped: what `npm start` runs. */
export const serve: Command = {
  help: `sessiongraph serve

Starts the server. It is configured by environment variables, which the README lists. With --json it logs JSON.`,
  options: {},
  async run(call) {
    readWords(call, []);
    if (call.has('json')) process.env.LOG_FORMAT = 'json';
    await import('../main.ts');
  },
};
