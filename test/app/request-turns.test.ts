import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { eventually, startApp, type TestApp, tokenFor } from './test-app.ts';

const QUERY = JSON.stringify({ query: '{ sessions { totalCount } }' });

/** All of them in one write, on one connection. */
async function pipeline({ port }: TestApp, count: number) {
  const headers = [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${await tokenFor()}`,
    'Content-Type: application/json',
    `Content-Length: ${QUERY.length}`,
  ];
  const socket: Socket = connect(port, '127.0.0.1', () => {
    socket.write(`${headers.join('\r\n')}\r\n\r\n${QUERY}`.repeat(count));
  });
  onTestFinished(() => void socket.destroy());
  let text = '';
  let isClosed = false;
  socket.on('data', chunk => (text += chunk)).on('error', () => {});
  socket.once('close', () => {
    isClosed = true;
  });
  return { answers: () => text.match(/HTTP\/1\.1 200/g)?.length ?? 0, isClosed: () => isClosed };
}

/** Sessions that count how many lists are being read at a time. */
function createCountingSessions() {
  const sessions = createFakeSessions(sessionView('shop'));
  let [open, most] = [0, 0];
  return {
    most: () => most,
    sessions: {
      ...sessions,
      async listSessions(request: Parameters<typeof sessions.listSessions>[0]) {
        open += 1;
        most = Math.max(most, open);
        await new Promise(resolve => setImmediate(resolve));
        open -= 1;
        return sessions.listSessions(request);
      },
    },
  };
}

it('attack: many requests in one packet are answered one after the other', async () => {
  const { sessions, most } = createCountingSessions();
  const app = await startApp({ sessions });
  const { answers } = await pipeline(app, 30);
  await eventually(() => expect(answers()).toBe(30));
  expect(most()).toBe(1);
});

it('attack: a connection with too many requests that wait is cut, and others are served', async () => {
  const app = await startApp({ sessions: createFakeSessions(sessionView('shop')) });
  const { answers, isClosed } = await pipeline(app, 500);
  await eventually(() => expect(isClosed()).toBe(true));
  // Node would close it as well, after all of them were answered.
  expect(answers()).toBeLessThan(500);
  expect((await app.post('{ sessions { totalCount } }')).data).toEqual({ sessions: { totalCount: 1 } });
});
