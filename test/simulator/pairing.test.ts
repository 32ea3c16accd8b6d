import { expect, test } from 'vitest';
import { startPaired } from './scenario.ts';

test('a client shows a QR code, the phone scans it, and the client logs in', async () => {
  const { simulator, phone, client, device } = await startPaired();
  expect(client.auth.state.creds.me).toMatchObject({ id: device.jid, lid: device.lid });
  expect(client.auth.state.creds.platform).toBe('android');
  expect(phone.devices).toEqual([device]);
  expect(simulator.qrCodesIssued).toBe(1);
  expect(simulator.logins).toBe(1);
  await client.until(() => client.auth.state.creds.accountSyncCounter === 1);
  expect(client.auth.state.creds.myAppStateKeyId).toBeDefined();
  expect(simulator.anomalies).toEqual([]);
});
