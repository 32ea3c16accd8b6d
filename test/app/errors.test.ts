import { expect, test } from 'vitest';
import {
  SessionError,
  type SessionErrorCode,
  StoreError,
  type StoreErrorCode,
} from '../../src/core/errors.ts';
import { codesOf, startApp } from './test-app.ts';

const CANARY = 'mongodb://admin:canary-password@db.internal/prod';

test('an unexpected error is logged once, and shows only its id', async () => {
  const app = await startApp();
  app.sessions.failWith(new Error(CANARY, { cause: new Error(CANARY) }));
  const reply = await app.post('{ stores { name } }');
  expect(codesOf(reply)).toEqual(['INTERNAL']);
  expect(JSON.stringify(reply)).not.toMatch(/canary|stack|node_modules/);
  expect(app.logged).toHaveLength(1);
  const fields = app.logged[0]?.fields;
  expect(fields?.err).toMatchObject({ message: CANARY });
  expect(reply.errors?.[0]?.message).toContain(fields?.errorId);
});

test('what is no error at all is one, too', async () => {
  const app = await startApp();
  for (const thrown of [CANARY, { message: CANARY, extensions: { code: 'FORBIDDEN' } }, null]) {
    app.sessions.failWith(thrown);
    const reply = await app.post('{ stores { name } }');
    expect(codesOf(reply)).toEqual(['INTERNAL']);
    expect(JSON.stringify(reply)).not.toContain('canary');
  }
  expect(app.logged).toHaveLength(3);
});

test('a value that the schema cannot show is not quoted', async () => {
  const app = await startApp();
  const { readStores } = app.sessions;
  Object.assign(app.sessions, {
    readStores: async () => (await readStores()).map(store => ({ ...store, order: 'canary' })),
  });
  const reply = await app.post('{ stores { order } }');
  expect(codesOf(reply)).toEqual(['INTERNAL']);
  expect(JSON.stringify(reply)).not.toContain('canary');
});

test('errors of the core keep their code and their message', async () => {
  const app = await startApp();
  const codes: SessionErrorCode[] = ['SESSION_HELD_ELSEWHERE', 'STORE_UNAVAILABLE', 'DECRYPTION_FAILED'];
  for (const code of codes) {
    app.sessions.failWith(new SessionError(code, `about ${code}`, { cause: new Error(CANARY) }));
    const reply = await app.post('mutation { startSession(input: { id: "shop" }) { session { id } } }');
    expect(reply).toMatchObject({
      status: 200,
      data: null,
      errors: [{ message: `about ${code}`, path: ['startSession'], extensions: { code } }],
    });
    expect(JSON.stringify(reply)).not.toContain('canary');
  }
  expect(app.logged).toEqual([]);
});

test('errors of a store come under the name that the API has for them', async () => {
  const app = await startApp();
  const codes: Partial<Record<StoreErrorCode, SessionErrorCode>> = {
    STORE_UNREADABLE: 'STORE_UNAVAILABLE',
    STORE_CLOSED: 'STORE_UNAVAILABLE',
    STORE_FENCED: 'STORE_FENCED',
    SESSION_CORRUPT: 'SESSION_CORRUPT',
  };
  for (const [thrown, shown] of Object.entries(codes)) {
    app.sessions.failWith(new StoreError(thrown as StoreErrorCode, 'file', 'session shop: no'));
    expect(codesOf(await app.post('{ session(id: "shop") { id } }'))).toEqual([shown]);
  }
});
