import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthenticator } from '../../src/auth.ts';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { eventually, SECRET, startApp, tokenFor } from './test-app.ts';

/** A request whose token is revoked while its body is on its way. */
async function answerAfterRevocation(query: string, accept: string): Promise<string> {
  let isRevoked = false;
  const revoked = { has: () => isRevoked, onRevoked: () => () => {} };
  const app = await startApp({
    sessions: createFakeSessions(sessionView('shop')),
    authenticate: createAuthenticator({ secret: SECRET }, { revoked }),
  });
  const body = JSON.stringify({ query });
  const socket = connect(app.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', chunk => {
    answer += chunk;
  });
  const head = [
    'POST /graphql HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `accept: ${accept}`,
    `authorization: Bearer ${await tokenFor()}`,
    `content-length: ${body.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`);
  // The server looks at the token when it has the head, and answers another connection after that.
  expect((await app.post('{ __typename }')).status).toBe(200);
  isRevoked = true;
  socket.write(body.slice(10));
  await eventually(() => expect(answer).toContain('\r\n\r\n'));
  await eventually(() => expect(answer).toContain('UNAUTHENTICATED'));
  return answer;
}

test.each([
  ['query', '{ sessions { totalCount } }', 'application/json'],
  ['mutation', 'mutation { stopSession(input: { id: "shop" }) { session { id } } }', 'application/json'],
  ['subscription', 'subscription { sessionStatusChanged { status } }', 'text/event-stream'],
])('attack: a token that is revoked while the body arrives runs no %s', async (_, query, accept) => {
  const answer = await answerAfterRevocation(query, accept);
  expect(answer).not.toContain('CONNECTED');
  expect(answer).not.toContain('totalCount');
});
