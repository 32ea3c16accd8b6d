import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesBelow, leaks, secretsOf } from '../support/secret-leaks.ts';
import {
  createServerWorld,
  pairByQr,
  SESSION,
  type ServerWorld,
  sendText,
  waitForStatus,
} from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const TEXT = 'the text of a private message';

it('law 11: no key, code, token, text or number is in the stores or in the logs', {
  timeout: 120_000,
}, async () => {
  const server = await world.start({ LOG_LEVEL: 'trace' });
  const codes: string[] = [];
  server.api.subscribe(
    `subscription { sessionQrIssued(id: "${SESSION}") { data } }`,
    {},
    ({ sessionQrIssued }) => codes.push(sessionQrIssued.data),
  );
  await pairByQr(server, world.phone);
  await sendText(server, '+15550002', TEXT);
  await world.contact.waitForText(TEXT);
  await world.contact.sendText(world.phone, TEXT, { from: 'companion' });
  await server.kill('SIGTERM');
  const again = await world.start({ LOG_LEVEL: 'trace' });
  await waitForStatus(again.api, 'CONNECTED');
  await again.kill('SIGTERM');

  const secrets = [...(await secretsOf(world)), ...codes, TEXT];
  expect(leaks(secrets, Buffer.from(server.output() + again.output()))).toEqual([]);
  const stores = await bytesBelow(world.firstStore, world.secondStore);
  expect(stores.length).toBeGreaterThan(10_000);
  expect(leaks(secrets, stores)).toEqual([]);
});
