import { expect, test } from 'vitest';
import { createFakeSessions, qrCode, sessionView } from './fake-sessions.ts';
import { startApp } from './test-app.ts';

test('a session with all its fields', async () => {
  const view = sessionView('shop', {
    status: 'RECONNECTING',
    statusReason: { code: 'CONNECTION_LOST', message: 'Lost.', rawCode: 408, retryAt: new Date(0) },
    phoneNumber: '+4915112345',
    qr: qrCode('2@abc'),
  });
  const app = await startApp({ sessions: createFakeSessions(view) });
  const { status, data, errors } = await app.post(`{
    session(id: "shop") {
      id status desiredState linked phoneNumber jid lid displayName heldBy epoch revision createdAt
      statusReason { code message rawCode retryAt } degraded { code }
      qr { data image ordinal issuedAt expiresAt } copies { store state revision behindBy }
    }
  }`);
  expect(errors).toBeUndefined();
  expect(status).toBe(200);
  expect(data).toEqual({
    session: {
      id: 'shop',
      status: 'RECONNECTING',
      desiredState: 'RUNNING',
      linked: true,
      phoneNumber: '+4915112345',
      jid: null,
      lid: null,
      displayName: null,
      heldBy: null,
      epoch: '3',
      revision: '17',
      createdAt: '2026-01-02T03:04:05.006Z',
      statusReason: {
        code: 'CONNECTION_LOST',
        message: 'Lost.',
        rawCode: 408,
        retryAt: '1970-01-01T00:00:00.000Z',
      },
      degraded: null,
      qr: expect.objectContaining({
        data: '2@abc',
        image: expect.stringMatching(/^data:image\/png;base64,/),
        ordinal: 1,
      }),
      copies: [{ store: 'file', state: 'IN_SYNC', revision: '17', behindBy: null }],
    },
  });
});
