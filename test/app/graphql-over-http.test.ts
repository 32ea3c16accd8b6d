import { type AuditResult, auditServer } from 'graphql-http';
import { expect, test } from 'vitest';
import { startApp, tokenFor } from './test-app.ts';

const countOf = (results: readonly AuditResult[], word: string) => {
  const of = results.filter(({ name }) => name.startsWith(word));
  return { of: of.length, ok: of.filter(({ status }) => status === 'ok').length };
};

test('GraphQL over HTTP: every audit of MUST and SHOULD passes', async () => {
  const app = await startApp();
  const authorization = `Bearer ${await tokenFor()}`;
  const results = await auditServer({
    url: app.url,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...(init.headers as object), authorization } }),
  });
  const failed = results.filter(({ status }) => status !== 'ok');
  expect(failed.filter(({ name }) => !name.startsWith('MAY')).map(({ name }) => name)).toEqual([]);
  expect(countOf(results, 'MUST')).toEqual({ of: 13, ok: 13 });
  expect(countOf(results, 'SHOULD')).toEqual({ of: 23, ok: 23 });
  expect(countOf(results, 'MAY')).toEqual({ of: 25, ok: 25 });
});
