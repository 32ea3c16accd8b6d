import type { JWTPayload } from 'jose';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rememberVerified } from '../../src/auth/verified-tokens.ts';

const TOLERANCE_S = 5;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createScene(answer: (token: string) => Promise<JWTPayload>) {
  const asked: string[] = [];
  const verify = rememberVerified(token => {
    asked.push(token);
    return answer(token);
  }, TOLERANCE_S);
  return { asked, verify };
}

const expiringIn = (seconds: number): JWTPayload => ({ sub: 'crm', exp: Date.now() / 1_000 + seconds });

it('verifies a token once, and again when it may have expired', async () => {
  const payload = expiringIn(60);
  const { asked, verify } = createScene(async () => payload);
  expect(await verify('one')).toBe(payload);
  expect(await verify('one')).toBe(payload);
  expect(asked).toEqual(['one']);
  vi.advanceTimersByTime((60 + TOLERANCE_S) * 1_000 - 1);
  await verify('one');
  expect(asked).toEqual(['one']);
  vi.advanceTimersByTime(1);
  await verify('one');
  expect(asked).toEqual(['one', 'one']);
});

it('remembers no refusal, and no token for another', async () => {
  const refusal = new Error('bad signature');
  const { asked, verify } = createScene(async token => {
    if (token === 'bad') throw refusal;
    return { ...expiringIn(60), sub: token };
  });
  await expect(verify('bad')).rejects.toBe(refusal);
  await expect(verify('bad')).rejects.toBe(refusal);
  expect((await verify('one')).sub).toBe('one');
  expect((await verify('two')).sub).toBe('two');
  expect(asked).toEqual(['bad', 'bad', 'one', 'two']);
});
