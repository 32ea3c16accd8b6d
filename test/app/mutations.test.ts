import { expect, test } from 'vitest';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { startApp } from './test-app.ts';

const start = () => startApp({ sessions: createFakeSessions(sessionView('shop')) });

test('each mutation is one call, with what was given and nothing else', async () => {
  const app = await start();
  const cases: [operation: string, call: [name: string, argument: unknown]][] = [
    ['createSession(input: { id: "new" }) { session { id } }', ['createSession', { id: 'new' }]],
    [
      'createSession(input: { id: "new", excludeStores: ["tidb"] }) { session { id } }',
      ['createSession', { id: 'new', excludeStores: ['tidb'] }],
    ],
    [
      'createSession(input: { id: "new", excludeStores: null }) { session { id } }',
      ['createSession', { id: 'new' }],
    ],
    [
      'startSession(input: { id: "shop" }) { session { id } }',
      ['startSession', { id: 'shop', takeOver: false }],
    ],
    [
      'startSession(input: { id: "shop", takeOver: true }) { session { id } }',
      ['startSession', { id: 'shop', takeOver: true }],
    ],
    [
      'startSession(input: { id: "shop", takeOver: null }) { session { id } }',
      ['startSession', { id: 'shop', takeOver: false }],
    ],
    ['stopSession(input: { id: "shop" }) { session { id } }', ['stopSession', 'shop']],
    [
      'sendText(input: { id: "shop", to: "+49", text: "hi" }) { messageId }',
      ['sendText', { id: 'shop', to: '+49', text: 'hi' }],
    ],
    [
      'sendText(input: { id: "shop", to: "+49", text: "hi", messageId: "M" }) { messageId }',
      ['sendText', { id: 'shop', to: '+49', text: 'hi', messageId: 'M' }],
    ],
  ];
  for (const [operation, call] of cases) {
    const reply = await app.post(`mutation { ${operation} }`);
    expect(reply.errors, operation).toBeUndefined();
    expect(app.sessions.calls.at(-1)).toEqual(call);
  }
  expect(app.sessions.calls).toHaveLength(cases.length);
});

test('a payload shows the session as it is after the change', async () => {
  const app = await start();
  const { data } = await app.post(
    'mutation { startSession(input: { id: "shop" }) { session { id status } } }',
  );
  expect(data).toEqual({ startSession: { session: { id: 'shop', status: 'CONNECTED' } } });
});
