import { expect, it } from 'vitest';
import { newReceiver } from '../plugins/notify-webhook/scene.ts';
import { runCli } from './run-cli.ts';

const SECRET = { WEBHOOK_SECRET: 'a secret of twenty-four characters or more', WEBHOOK_ALLOW_LOOPBACK: 'on' };

it('webhooks test calls every endpoint once, and says which one did not take it', async () => {
  const [good, bad] = [await newReceiver(), await newReceiver()];
  bad.answer = () => ({ status: 500 });
  const alone = await runCli(['webhooks', 'test'], { ...SECRET, WEBHOOK_URL: good.url });
  expect(alone).toEqual({ code: 0, output: `✓ ${new URL(good.url).origin}: answered 200\n`, errors: '' });
  const WEBHOOK_URL = `${good.url},${bad.url}?token=hidden`;
  const both = await runCli(['webhooks', 'test', '--json'], { ...SECRET, WEBHOOK_URL });
  expect(both.code).toBe(1);
  expect(JSON.parse(both.output).endpoints.map(({ status }: { status: number }) => status)).toEqual([
    200, 500,
  ]);
  expect(both.output).not.toContain('hidden');
  expect(JSON.parse(good.calls[1]?.body ?? '')).toMatchObject({ type: 'webhook.test' });
});

it('webhooks test needs endpoints', async () => {
  expect((await runCli(['webhooks', 'test'])).code).toBe(78);
  expect((await runCli(['webhooks'])).code).toBe(2);
});
