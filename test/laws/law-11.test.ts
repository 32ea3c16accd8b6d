import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ApiError } from '../support/api-client.ts';
import { bytesBelow, leaks, secretsOf } from '../support/secret-leaks.ts';
import type { ServerProcess } from '../support/server-process.ts';
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

const readMetrics = async ({ api }: ServerProcess) => (await fetch(new URL('/metrics', api.url))).text();

/** What clients are told where something goes wrong: refused, not found, impossible now, no GraphQL at all. */
async function provokeErrors({ api }: ServerProcess): Promise<string[]> {
  const sending = (id: string, to: string) =>
    api.request(
      'mutation ($id: ID!, $to: String!, $text: String!) { sendText(input: { id: $id, to: $to, text: $text }) { messageId } }',
      { id, to, text: TEXT },
    );
  const failures = await Promise.allSettled([
    sending('nobody', '+15550002'),
    sending(SESSION, 'no number'),
    api.request(`mutation { restoreSession(input: { id: "${SESSION}", from: "nowhere" }) { restoredFrom } }`),
    api.request(
      `mutation { requestPairingCode(input: { id: "${SESSION}", phoneNumber: "+15550001" }) { pairingCode { code } } }`,
    ),
    api.request('{ sessions { secrets } }'),
  ]);
  const errors = failures.map(failure => (failure as PromiseRejectedResult).reason.errors as ApiError[]);
  expect(errors.map(([error]) => error?.extensions.code)).toEqual([
    'SESSION_NOT_FOUND',
    'BAD_USER_INPUT',
    'STORE_UNKNOWN',
    'SESSION_ALREADY_LINKED',
    'BAD_USER_INPUT',
  ]);
  return errors.map(error => JSON.stringify(error));
}

it('law 11: no key, code, token, text or number is in stores, logs, metrics or errors', {
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
  const shown = [await readMetrics(server), ...(await provokeErrors(server))];
  await server.kill('SIGTERM');
  const again = await world.start({ LOG_LEVEL: 'trace' });
  await waitForStatus(again.api, 'CONNECTED');
  await again.kill('SIGTERM');

  const secrets = [...(await secretsOf(world, server, again)), ...codes, TEXT];
  expect(leaks(secrets, Buffer.from(server.output() + again.output()))).toEqual([]);
  expect(shown.join()).toContain('\nsessiongraph_sessions{status="CONNECTED"} 1\n');
  expect(leaks(secrets, Buffer.from(shown.join()))).toEqual([]);
  const stores = await bytesBelow(world.firstStore, world.secondStore);
  expect(stores.length).toBeGreaterThan(10_000);
  expect(leaks(secrets, stores)).toEqual([]);
});
