import { expect, it } from 'vitest';
import { reasonOf } from '../../../src/core/sessions/disconnect-reasons.ts';

it.each([
  { code: 515, reason: 'RESTART_REQUIRED', status: 'RECONNECTING', pace: 'at-once' },
  { code: 428, reason: 'CONNECTION_LOST', status: 'RECONNECTING', pace: 'network' },
  { code: 408, reason: 'CONNECTION_LOST', status: 'RECONNECTING', pace: 'network' },
  { code: 440, reason: 'CONNECTION_REPLACED', status: 'RECONNECTING', pace: 'replaced' },
  { code: 401, reason: 'DEVICE_REMOVED', status: 'LOGGED_OUT', pace: 'never' },
  { code: 403, reason: 'PRIMARY_GONE', status: 'FAILED', pace: 'never' },
  { code: 406, reason: 'BANNED', status: 'FAILED', pace: 'never' },
  { code: 402, reason: 'TEMPORARILY_BANNED', status: 'RECONNECTING', pace: 'server' },
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

it('nobody scanned a code: it waits for somebody, whatever the number', () => {
  const expired = { code: 'PAIRING_EXPIRED', status: 'PAIRING_EXPIRED', pace: 'never' };
  expect(reasonOf({ origin: 'pairing-timeout', code: 408 })).toMatchObject(expired);
});

it('what we ended ourselves has no reason', () => {
  expect(reasonOf({ origin: 'local' })).toBeUndefined();
});
