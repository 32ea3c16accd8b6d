import { pbkdf2Sync } from 'node:crypto';
import { derivePairingCodeKey } from '@whiskeysockets/baileys';
import { expect, test } from 'vitest';
import type { Interceptor } from '../../src/simulator/faults.ts';
import { createClient } from './client.ts';
import { gotText, logIn, type Scenario, startScenario } from './scenario.ts';

const WRONG_CODE = 'WRNG1234';

/** The client shows a code, and the server has heard of it. */
async function showCode({ simulator, phone, client }: Scenario, custom?: string): Promise<string> {
  client.connect();
  await client.qr();
  const code = await client.socket.requestPairingCode(phone.number, custom);
  await simulator.until(() => simulator.pendingPairingCodes.length === 1);
  return code;
}

/** What the application has to do after a pairing that came to nothing: it is no login yet. */
function forgetPairing({ client }: Scenario): void {
  Object.assign(client.auth.state.creds, { me: undefined, pairingCode: undefined });
}

test('a client shows a code, the phone types it, and the client logs in', async () => {
  const scenario = await startScenario();
  const { simulator, phone, contact, client } = scenario;
  const code = await showCode(scenario);
  expect(simulator.pendingPairingCodes).toMatchObject([
    { number: phone.number, platform: 'Chrome (Mac OS)' },
  ]);
  const device = await phone.typeCode(`${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase());
  expect(await client.closed()).toBe(515);
  expect(client.auth.state.creds).toMatchObject({
    registered: true,
    me: { id: device.jid, lid: device.lid },
    platform: 'android',
  });
  expect(simulator.pendingPairingCodes).toEqual([]);
  await logIn(client, device);
  await contact.sendText(phone, 'welcome');
  await gotText(client, 'welcome');
  expect(phone.devices).toEqual([device]);
  expect(simulator.anomalies).toEqual([]);
});

test('a wrong code pairs nobody, and the right one still works on the same connection', async () => {
  const scenario = await startScenario();
  const { phone, client } = scenario;
  const code = await showCode(scenario, 'SHARKS22');
  expect(code).toBe('SHARKS22');
  await expect(phone.typeCode(WRONG_CODE)).rejects.toThrow('not the code that the client shows');
  expect(phone.devices).toEqual([]);
  const device = await phone.typeCode(code);
  expect(await client.closed()).toBe(515);
  await logIn(client, device);
});

test('a wrong code spoils the QR code that is shown beside it', async () => {
  const scenario = await startScenario();
  const { phone, client } = scenario;
  client.connect();
  const qr = await client.qr();
  await client.socket.requestPairingCode(phone.number);
  await scenario.simulator.until(() => scenario.simulator.pendingPairingCodes.length === 1);
  await expect(phone.typeCode(WRONG_CODE)).rejects.toThrow();
  await expect(phone.scan(qr)).rejects.toThrow('went away');
  expect(await client.closed()).toBe(500);
});

test('a phone types only what can be a code, and only where a client waits for one', async () => {
  const scenario = await startScenario();
  const { simulator, phone } = scenario;
  await expect(phone.typeCode('ABCD1234')).rejects.toThrow('no client waits');
  await showCode(scenario);
  for (const typed of ['ABCD123', 'ABCD1230', 'OBCD1234', '']) {
    await expect(phone.typeCode(typed)).rejects.toThrow('8 digits or letters');
  }
  const other = simulator.createPhone({ number: '15559999' });
  await expect(other.typeCode('ABCD1234')).rejects.toThrow('no client waits');
});

test('the newest code of a number counts, also from the same client', async () => {
  const scenario = await startScenario();
  const { simulator, phone, client } = scenario;
  const first = await showCode(scenario);
  const second = await client.socket.requestPairingCode(phone.number);
  const isSecond = () => simulator.connections.filter(({ kind }) => kind === 'code-requested').length === 2;
  await simulator.until(isSecond);
  expect(simulator.pendingPairingCodes).toHaveLength(1);
  await expect(phone.typeCode(first)).rejects.toThrow('not the code');
  await phone.typeCode(second);
});

test('a client can only be paired once at a time', async () => {
  const scenario = await startScenario();
  const { phone, client } = scenario;
  const code = await showCode(scenario);
  const typing = phone.typeCode(code);
  await expect(phone.typeCode(code)).rejects.toThrow('being paired already');
  await typing;
  expect(await client.closed()).toBe(515);
  expect(phone.devices).toHaveLength(1);
});

test('a server that refuses codes is not noticed by the client, which waits on', async () => {
  const { simulator, phone, client } = await startScenario();
  const stop = simulator.refusePairingCodes({ code: 429, text: 'rate-overlimit' });
  client.connect();
  await client.qr();
  const refused = new Promise<unknown>(resolve => {
    client.socket.ws.on('CB:iq,type:error', node => resolve(node.content[0].attrs));
  });
  const code = await client.socket.requestPairingCode(phone.number);
  expect(await refused).toEqual({ code: '429', text: 'rate-overlimit' });
  await expect(phone.typeCode(code)).rejects.toThrow('no client waits');
  expect(client.closeCode).toBeUndefined();
  stop();
  const next = await client.socket.requestPairingCode(phone.number);
  await simulator.until(() => simulator.pendingPairingCodes.length === 1);
  await phone.typeCode(next);
});

test('nobody hears of a code for a number that does not exist', async () => {
  const { simulator, client } = await startScenario();
  client.connect();
  await client.qr();
  const refused = new Promise(resolve => client.socket.ws.on('CB:iq,type:error', resolve));
  await client.socket.requestPairingCode('19990000');
  await refused;
  expect(simulator.pendingPairingCodes).toEqual([]);
});

const holds = (name: string) => (node: object) => JSON.stringify(node).includes(name);

/** Where the connection is cut, and what each side believes afterwards. */
const CUTS: readonly [
  step: string,
  stanza: (node: object) => boolean,
  client: 'unpaired' | 'paired',
  phone: 'failed' | 'paired',
][] = [
  ['the phone greets the client', holds('primary_hello'), 'unpaired', 'failed'],
  ['the client answers the phone', holds('companion_finish'), 'unpaired', 'failed'],
  ['the account signs the device', holds('pair-success'), 'unpaired', 'failed'],
  ['the client countersigns', holds('pair-device-sign'), 'paired', 'failed'],
  ['the server orders a new connection', holds('stream:error'), 'paired', 'paired'],
];

for (const [step, isStep, atClient, atPhone] of CUTS) {
  test(`cut off when ${step}`, async () => {
    const scenario = await startScenario();
    const { simulator, phone, client } = scenario;
    const code = await showCode(scenario);
    const cut: Interceptor = ({ node }) => (isStep(node) ? 'cut' : undefined);
    const stop = simulator.intercept(cut);
    const typed = phone.typeCode(code).catch(() => undefined);
    expect(await client.closed()).toBe(428);
    stop();
    const device = await typed;
    expect(device !== undefined).toBe(atPhone === 'paired');
    expect(client.auth.state.creds.account !== undefined).toBe(atClient === 'paired');
    if (device) return logIn(client, device);
    client.connect();
    expect(await client.closed()).toBe(401);
  });
}

test('cut off before the phone types: the next connection is a login, and is refused until it is forgotten', async () => {
  const scenario = await startScenario();
  const { simulator, phone, client } = scenario;
  const code = await showCode(scenario);
  const { creds } = client.auth.state;
  await client.end();
  await simulator.until(() => simulator.pendingPairingCodes.length === 0);
  await expect(phone.typeCode(code)).rejects.toThrow('no client waits');
  expect(creds.account).toBeUndefined();
  expect(creds.me).toEqual({ id: phone.jid, name: '~' });
  client.connect();
  expect(await client.closed()).toBe(401);
  forgetPairing(scenario);
  const device = await phone.typeCode(await showCode(scenario));
  expect(await client.closed()).toBe(515);
  await logIn(client, device);
});

test('two clients with codes for two numbers do not get in each other’s way', async () => {
  const scenario = await startScenario();
  const { simulator, phone, client } = scenario;
  const code = await showCode(scenario);
  const otherPhone = simulator.createPhone({ number: '15559999' });
  const other = createClient(simulator.url);
  other.connect();
  await other.qr();
  const otherCode = await other.socket.requestPairingCode(otherPhone.number);
  await simulator.until(() => simulator.pendingPairingCodes.length === 2);
  const [device, otherDevice] = await Promise.all([phone.typeCode(code), otherPhone.typeCode(otherCode)]);
  expect([device.jid, otherDevice.jid]).toEqual(['15550001:1@s.whatsapp.net', '15559999:1@s.whatsapp.net']);
  expect(await client.closed()).toBe(515);
  expect(await other.closed()).toBe(515);
});

test('a key under the code is the key of the client', async () => {
  const salt = Buffer.alloc(32, 7);
  const key = await derivePairingCodeKey('SHARKS22', salt);
  expect(pbkdf2Sync('SHARKS22', salt, 131_072, 32, 'sha256')).toEqual(key);
});
