import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type BotProcess, startBot } from './bot-process.ts';

let simulator: Simulator;
let folder: string;
let bot: BotProcess | undefined;
beforeEach(async () => {
  simulator = await startSimulator({ preKeyFloor: 1 });
  folder = await mkdtemp(join(tmpdir(), 'sessiongraph-library-'));
});
afterEach(async () => {
  await bot?.kill();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

it('a bot of twenty lines survives kill -9 and the loss of its first directory', async () => {
  const phone = simulator.createPhone({ number: '15550001' });
  const contact = simulator.createContact({ number: '15550002' });
  const environment = {
    FIRST: join(folder, 'first'),
    SECOND: join(folder, 'second'),
    SECRET: 'a passphrase of some length',
    URL: simulator.url,
  };
  bot = startBot(environment);
  const device = await phone.scan(await bot.waitFor('qr'));
  await device.online();
  await contact.sendText(phone, 'hello');
  await contact.waitForText('you said: hello');
  const qrCodes = simulator.qrCodesIssued;

  await bot.kill();
  await contact.sendText(phone, 'are you there?');
  await rm(environment.FIRST, { recursive: true });
  bot = startBot(environment);
  await contact.waitForText('you said: are you there?');
  await contact.sendText(phone, 'good');
  await contact.waitForText('you said: good');

  expect(bot.told('text')).toEqual(['are you there?', 'good']);
  expect(bot.told('qr')).toEqual([]);
  expect(simulator.qrCodesIssued).toBe(qrCodes);
  expect(simulator.anomalies).toEqual([]);
});
