import { badArguments, type Command } from './command.ts';

export const simulator: Command = {
  help: `sessiongraph simulator [PORT]

A simulated WhatsApp, for development without a phone. Prints its address, and what can be typed to it.`,
  options: {},
  async run({ words: [port = '0', ...more] }) {
    if (!/^\d{1,5}$/.test(port) || more.length > 0) throw badArguments('PORT is one number');
    process.argv.splice(2, process.argv.length, port);
    await import('../simulator/main.ts');
  },
};
