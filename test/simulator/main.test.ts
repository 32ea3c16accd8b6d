import { expect, test } from 'vitest';
import { createClient } from './client.ts';
import { startMain } from './main-process.ts';

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
  expect(await main.line(/^a pairing code is/)).toBeDefined();
  main.say('what is this');
  expect(await main.line(/^this is neither/)).toBeDefined();
  await client.end();
  main.say('quit');
  expect(await main.exited).toBe(0);
});

test('in the background, where nobody can type, it goes on and serves its page', async () => {
  const main = startMain('ignore');
  const address = /http:\S+/.exec(await main.line(/http:/))?.[0] ?? '';
  await main.line(/quit/);
  const page = await fetch(address);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('WhatsApp, simulated');
});

test('it types a pasted pairing code, and unlinks every device', async () => {
  const main = startMain();
  const client = createClient(/ws:\S+/.exec(await main.line(/ws:/))?.[0] ?? '');
  client.connect();
  await client.qr();
  main.say(await client.socket.requestPairingCode('15550001'));
  expect(await main.line(/^linked/)).toBe('linked 15550001:1@s.whatsapp.net');
  expect(await client.closed()).toBe(515);
  client.connect();
  await client.opened();
  main.say('devices');
  expect(await main.line(/queued$/)).toContain('15550001:1@s.whatsapp.net');
  main.say('kick');
  expect(await client.closed()).toBe(401);
  main.say('kick');
  await main.line(/^no such device/);
});
