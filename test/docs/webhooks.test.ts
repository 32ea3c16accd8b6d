import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { WEBHOOK_EVENTS } from '../../src/config/webhooks.ts';
import { signatureHeaders } from '../../src/plugins/notify-webhook/signature.ts';

const page = readFileSync('docs/webhooks.md', 'utf8');
const key = Buffer.alloc(32, 7);

/** The receiver of the page as a program of its own, on a free port, which it prints. */
async function startExample(): Promise<string> {
  const example = /```js\n([\s\S]+?)```/.exec(page)?.[1]?.trimEnd() ?? '';
  expect(example).toContain('.listen(8080);');
  const free = example.replace(
    '.listen(8080);',
    '.listen(0, "127.0.0.1", function () { console.log(this.address().port); });',
  );
  const child = spawn(process.execPath, ['--input-type=module', '--eval', free], {
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: `whsec_${key.toString('base64')}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [printed] = await once(child.stdout, 'data');
  return `http://127.0.0.1:${String(printed).trim()}/`;
}

it('the receiver of docs/webhooks.md takes what we sign, and nothing else', async () => {
  const url = await startExample();
  const body = JSON.stringify({ type: 'session.paired', data: { name: 'Zoë' } });
  const send = async (sentAtMs: number, text = body) => {
    const headers = signatureHeaders(key, 'msg_1', sentAtMs, body);
    return (await fetch(url, { method: 'POST', headers, body: text })).status;
  };
  expect(await send(Date.now())).toBe(204);
  expect(await send(Date.now() - 600_000)).toBe(401);
  expect(await send(Date.now(), body.replace('paired', 'deleted'))).toBe(401);
  expect((await fetch(url, { method: 'POST', body })).status).toBe(401);
});

it('docs/webhooks.md has every event', () => {
  const rows = page.split('\n').flatMap(line => /^\| (`.+?`) +\|/.exec(line)?.[1] ?? []);
  const named = rows.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(named.toSorted()).toEqual([...WEBHOOK_EVENTS, 'webhook.test'].toSorted());
});
