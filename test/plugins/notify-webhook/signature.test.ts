import { expect, it } from 'vitest';
import { readSigningKey, signatureHeaders } from '../../../src/plugins/notify-webhook/signature.ts';

it('signs as the libraries of Standard Webhooks do', () => {
  const key = readSigningKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const headers = signatureHeaders(
    key,
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330_999,
    '{"test": 2432232314}',
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('takes a secret without a prefix as it is', () => {
  expect(readSigningKey('a text of twenty-four or more').toString()).toBe('a text of twenty-four or more');
});
