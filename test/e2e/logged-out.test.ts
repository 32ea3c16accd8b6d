import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/condition.ts';
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

const READ = `query ($id: ID!) {
  session(id: $id) { history(first: 50) { edges { node { reason { code } } } } status linked phoneNumber jid desiredState revision statusReason { code message } qr { data } }
}`;
const START = 'mutation ($id: ID!) { startSession(input: { id: $id }) { session { status linked } } }';

it('an unlinked device keeps its credentials, stays logged out over a restart, and pairs anew when it is started', async () => {
  const { phone, contact, simulator } = world;
  const first = await world.start();
  const device = await pairByQr(first, phone);
  phone.removeDevice(device);
  await waitForStatus(first.api, 'LOGGED_OUT');
  const { session } = await first.api.request(READ, { id: SESSION });
  expect(session).toMatchObject({
    linked: false,
    phoneNumber: null,
    jid: null,
    statusReason: { code: 'DEVICE_REMOVED' },
  });
  await first.kill('SIGTERM');

  const second = await world.start();
  await waitForStatus(second.api, 'LOGGED_OUT');
  const refusedBefore = simulator.connections.filter(({ kind }) => kind === 'login-refused').length;
  await second.api.request(START, { id: SESSION });
  const code = await until('a new code is shown', async () => {
    const answer = await second.api.request(READ, { id: SESSION });
    return answer.session.qr?.data as string | undefined;
  });
  const again = await phone.scan(code);
  expect(again.jid).not.toBe(device.jid);
  await waitForStatus(second.api, 'CONNECTED');
  await sendText(second, '+15550002', 'from the new device');
  await contact.waitForText('from the new device', 5);
  const { session: linked } = await second.api.request(READ, { id: SESSION });
  expect(linked).toMatchObject({ linked: true, phoneNumber: '+15550001' });
  expect(Number(linked.revision)).toBeGreaterThan(Number(session.revision));
  const codes = (edges: { node: { reason?: { code: string } } }[]) =>
    edges.map(({ node }) => node.reason?.code);
  expect(codes(linked.history.edges)).toContain('DEVICE_REMOVED');
  expect(simulator.connections.filter(({ kind }) => kind === 'login-refused')).toHaveLength(refusedBefore);
  expect(simulator.anomalies).toEqual([]);
});
