import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createClient } from './client.ts';

const MAIN = fileURLToPath(new URL('../../dist/simulator/main.js', import.meta.url));
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function startMain() {
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  ends.push(() => child.kill());
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout }).on('line', line => lines.push(line));
  return {
    child,
    say: (line: string) => child.stdin.write(`${line}\n`),
    exited: new Promise(resolve => child.once('exit', resolve)),
    async line(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = lines.find(line => pattern.test(line));
        if (found) return found;
        await new Promise(resolve => output.once('line', resolve));
      }
    },
  };
}

test('it scans a pasted QR text, sends and prints texts, and quits', async () => {
  const main = startMain();
  const url = /ws:\S+/.exec(await main.line(/ws:/))?.[0] ?? '';
  const client = createClient(url);
  client.connect();
  main.say(await client.qr());
  expect(await main.line(/^linked/)).toBe('linked 15550001:1@s.whatsapp.net');
  expect(await client.closed()).toBe(515);
  client.connect();
  await client.opened();
  main.say('send hello there');
  await client.until(() => client.texts.some(({ text }) => text === 'hello there'));
  await client.send('15550002@s.whatsapp.net', 'hello back');
  expect(await main.line(/got/)).toContain('"hello back"');
  main.say('nonsense');
  expect(await main.line(/QR/)).toBeDefined();
  await client.end();
  main.say('quit');
  expect(await main.exited).toBe(0);
});
