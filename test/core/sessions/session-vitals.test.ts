import { expect, it } from 'vitest';
import { createSessionVitals } from '../../../src/core/sessions/session-vitals.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

it('a session is called deaf when five messages in a row cannot be read, until one can', async () => {
  const clock = createFakeClock();
  const vitals = createSessionVitals(clock.now);
  for (let failure = 0; failure < 4; failure += 1) vitals.undecryptable();
  expect(vitals.degraded()).toBeUndefined();
  vitals.undecryptable();
  expect(vitals.degraded()?.code).toBe('MESSAGES_UNDECRYPTABLE');
  await clock.advance(1_000);
  vitals.decrypted();
  expect(vitals.degraded()).toBeUndefined();
  expect(vitals.view()).toEqual({ decryptFailures: 5, lastDecryptedAt: new Date(clock.now()) });
});
