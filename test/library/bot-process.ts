import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../support/condition.ts';

const BOT = fileURLToPath(new URL('./bot.mjs', import.meta.url));

/** The bot as a process of its own, and the words it told so far. */
export interface BotProcess {
  told(word: string): string[];
  waitFor(word: string, text?: string): Promise<string>;
  kill(): Promise<void>;
}

export function startBot(environment: Record<string, string>): BotProcess {
  const child = spawn(process.execPath, [BOT], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', line => lines.push(line));
  const told = (word: string) =>
    lines.filter(line => line.startsWith(`@${word} `)).map(line => line.slice(word.length + 2));
  return {
    told,
    waitFor: (word, text) =>
      until(`the bot tells ${word}`, () => told(word).find(found => text === undefined || found === text)),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
