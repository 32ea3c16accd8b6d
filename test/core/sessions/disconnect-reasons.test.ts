import { expect, it } from 'vitest';
import { readDisconnect } from '../../../src/core/baileys/read-disconnect.ts';
import { reasonOf } from '../../../src/core/sessions/disconnect-reasons.ts';

it.each([
  { code: 515, reason: 'RESTART_REQUIRED', status: 'RECONNECTING', pace: 'at-once' },
  { code: 428, reason: 'CONNECTION_LOST', status: 'RECONNECTING', pace: 'network' },
  { code: 408, reason: 'CONNECTION_LOST', status: 'RECONNECTING', pace: 'network' },
  { code: 440, reason: 'CONNECTION_REPLACED', status: 'RECONNECTING', pace: 'replaced' },
  { code: 401, reason: 'DEVICE_REMOVED', status: 'LOGGED_OUT', pace: 'never' },
  { code: 403, reason: 'PRIMARY_GONE', status: 'FAILED', pace: 'never' },
  { code: 406, reason: 'BANNED', status: 'FAILED', pace: 'never' },
  { code: 402, reason: 'TEMPORARILY_BANNED', status: 'RECONNECTING', pace: 'limited' },
  { code: 405, reason: 'CLIENT_OUTDATED', status: 'RECONNECTING', pace: 'server' },
  { code: 400, reason: 'CONFIG_REFUSED', status: 'FAILED', pace: 'never' },
  { code: 409, reason: 'CONFIG_REFUSED', status: 'FAILED', pace: 'never' },
  { code: 418, reason: 'CONFIG_REFUSED', status: 'FAILED', pace: 'never' },
  { code: 411, reason: 'NOT_MULTI_DEVICE', status: 'FAILED', pace: 'never' },
  { code: 500, reason: 'STREAM_ERROR', status: 'RECONNECTING', pace: 'server' },
  { code: 503, reason: 'WHATSAPP_UNAVAILABLE', status: 'RECONNECTING', pace: 'server' },
  { code: 599, reason: 'STREAM_ERROR', status: 'RECONNECTING', pace: 'server' },
])('WhatsApp says $code: $reason, $status, tried $pace', ({ code, reason, status, pace }) => {
  expect(reasonOf({ origin: 'whatsapp', code })).toMatchObject({ code: reason, status, pace });
});

it('an error of WhatsApp without a number is tried again', () => {
  expect(reasonOf({ origin: 'whatsapp' })).toMatchObject({ code: 'STREAM_ERROR', pace: 'server' });
});

it.each([400, 401, 402, 403, 406, 407, 411, 440, 500, 502, 503, 515])(
  "a proxy's %i is no verdict of WhatsApp: the network is tried again",
  code => {
    expect(reasonOf({ origin: 'transport', code })).toMatchObject({
      code: 'CONNECTION_LOST',
      pace: 'network',
    });
  },
);

it('a proxy that counts is tried rarely', () => {
  expect(reasonOf({ origin: 'transport', code: 429 })).toMatchObject({
    code: 'CONNECTION_LIMITED',
    pace: 'limited',
  });
});

it('a device that was unlinked by request waits for somebody', () => {
  expect(reasonOf({ origin: 'logout' })).toMatchObject({ code: 'LOGGED_OUT', status: 'LOGGED_OUT' });
});

it('a ban for some time is waited for, as long as WhatsApp says', () => {
  const error = Object.assign(new Error('Connection Failure'), {
    output: { statusCode: 402 },
    data: { reason: '402', code: '101', expire: '3600' },
  });
  expect(reasonOf(readDisconnect(error))).toMatchObject({
    code: 'TEMPORARILY_BANNED',
    rawCode: 402,
    leastPauseMs: 3_600_000,
  });
});

it('nobody scanned a code: it waits for somebody, whatever the number', () => {
  const expired = { code: 'PAIRING_EXPIRED', status: 'PAIRING_EXPIRED', pace: 'never' };
  expect(reasonOf({ origin: 'pairing-timeout', code: 408 })).toMatchObject(expired);
});

it('what we ended ourselves has no reason', () => {
  expect(reasonOf({ origin: 'local' })).toBeUndefined();
});
