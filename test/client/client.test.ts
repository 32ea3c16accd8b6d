import { expect, test } from 'vitest';
import * as client from '../../src/client.ts';
import { createFakeSessions, qrCode, sessionView } from '../app/fake-sessions.ts';
import { eventually, startApp, tokenFor } from '../app/test-app.ts';

const start = async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
  return { app, api: client.createClient({ url: app.url, token: tokenFor }) };
};

test('a request gives typed data', async () => {
  const { api } = await start();
  const { session } = await api.request(client.SessionDocument, { id: 'shop' });
  const status: client.SessionStatus | undefined = session?.status;
  expect(status).toBe('CONNECTED');
  expect(session?.copies.map(({ store }) => store)).toEqual(['file']);
  expect((await api.request(client.SessionDocument, { id: 'none' })).session).toBeNull();
});

test('an error is thrown, with its code', async () => {
  const { api } = await start();
  const failed = api.request(client.StopSessionDocument, { input: { id: 'none' } });
  await expect(failed).rejects.toMatchObject({ name: 'ApiError', code: 'SESSION_NOT_FOUND' });
  const refused = client.createClient({ url: (await start()).app.url, token: 'x.y.z' });
  await expect(refused.request(client.StoresDocument, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a subscription is a loop, and leaving it lets the source go', async () => {
  const { app, api } = await start();
  const codes = api.subscribe(client.SessionQrIssuedDocument, { id: 'shop' });
  const first = codes.next();
  await eventually(() => expect(app.sessions.qrStreams).toHaveLength(1));
  app.sessions.qrStreams[0]?.push(qrCode('2@code'));
  expect((await first).value?.sessionQrIssued.data).toBe('2@code');
  await codes.return(undefined);
  await eventually(() => expect(app.sessions.qrStreams[0]?.isReturned).toBe(true));
});

test('a subscription that is refused throws', async () => {
  const { api } = await start();
  const codes = api.subscribe(client.SessionQrIssuedDocument, { id: 'none' });
  await expect(codes.next()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
});

test('every operation of the schema has a typed document', async () => {
  const { createSchema } = await import('../../src/schema/public-schema.ts');
  const schema = createSchema();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap(root => Object.keys(root?.getFields() ?? {}));
  const texts = Object.entries(client).flatMap(([name, value]) =>
    name.endsWith('Document') ? String(value) : [],
  );
  expect(fields.filter(field => !texts.some(text => text.includes(`  ${field}`)))).toEqual([]);
});
