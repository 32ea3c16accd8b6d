import { describe, expect, test } from 'vitest';
import { createCallRates } from '../../src/app/call-rates.ts';
import { createPlaces } from '../../src/app/places.ts';
import { createFakeSessions, sessionView } from './fake-sessions.ts';
import { openRawSocket } from './raw-socket.ts';
import {
  bearer,
  codesOf,
  collect,
  eventually,
  startApp,
  subscribe,
  TRANSPORTS,
  tokenFor,
} from './test-app.ts';

const start = (limits: NonNullable<Parameters<typeof startApp>[0]>['limits'] = {}) =>
  startApp({ sessions: createFakeSessions(sessionView('shop')), limits });

const MESSAGES = 'subscription { messageReceived { text } }';
const sync = (id: string, alias = 'syncSession') =>
  `${alias}: syncSession(input: { id: "${id}" }) { session { id } }`;
const mutation = (...calls: string[]) => `mutation { ${calls.join(' ')} }`;

describe('the rate of a mutation', () => {
  test('counts each alias: 15 aliases of one mutation are 15 calls', async () => {
    const app = await start({ rareMutationsPerMinute: 10 });
    const aliases = Array.from({ length: 15 }, (_, number) => sync('shop', `a${number}`));
    const reply = await app.post(mutation(...aliases));
    // The first that fails ends the mutation.
    expect(codesOf(reply)).toEqual(['RATE_LIMITED']);
    expect(app.sessions.calls.filter(([name]) => name === 'syncSession')).toHaveLength(10);
    expect(app.logged).toEqual([]);
  });

  test.each(['syncSession', 'restoreSession', 'deleteSession'])('%s is a rare one', async name => {
    const app = await start({ rareMutationsPerMinute: 1 });
    const call = `mutation { ${name}(input: { id: "shop" }) { __typename } }`;
    expect(codesOf(await app.post(call))).toBeUndefined();
    expect(codesOf(await app.post(call))).toEqual(['RATE_LIMITED']);
    const stop = 'mutation { stopSession(input: { id: "none" }) { __typename } }';
    expect(codesOf(await app.post(stop)), 'each has a rate of its own').toEqual(['SESSION_NOT_FOUND']);
  });

  test('is that of the subject, whichever token and transport it comes by', async () => {
    const app = await start({ rareMutationsPerMinute: 1 });
    expect(codesOf(await app.post(mutation(sync('shop'))))).toBeUndefined();
    const [event] = await collect(app.stream(mutation(sync('shop')), { token: await tokenFor() }));
    expect(event && codesOf(event)).toEqual(['RATE_LIMITED']);
    const token = await tokenFor({ subject: 'somebody else' });
    expect(codesOf(await app.post(mutation(sync('shop')), { token }))).toBeUndefined();
  });

  test('a hidden session uses it up as a missing one does', async () => {
    const app = await start({ rareMutationsPerMinute: 2 });
    const answers = async (id: string, subject: string) => {
      const token = await tokenFor({ subject, scopes: ['sessions:write'], sessions: ['none'] });
      const codes: unknown[] = [];
      for (let call = 0; call < 3; call++) codes.push(codesOf(await app.post(mutation(sync(id)), { token })));
      return codes;
    };
    const hidden = await answers('shop', 'one');
    expect(hidden).toEqual([['SESSION_NOT_FOUND'], ['SESSION_NOT_FOUND'], ['RATE_LIMITED']]);
    expect(await answers('none', 'two')).toEqual(hidden);
  });

  test('a call without the scope is refused as before, and does not count', async () => {
    const app = await start({ rareMutationsPerMinute: 1 });
    const token = await tokenFor({ scopes: ['sessions:read'] });
    for (let call = 0; call < 3; call++) {
      expect(codesOf(await app.post(mutation(sync('shop')), { token }))).toEqual(['FORBIDDEN']);
    }
    expect(codesOf(await app.post(mutation(sync('shop'))))).toBeUndefined();
  });

  test('a bucket holds a minute of calls and fills steadily', () => {
    let nowMs = 0;
    const admit = createCallRates(() => nowMs);
    const count = (calls: number) =>
      Array.from({ length: calls }, () => admit('crm', 'sendText', 60)).filter(Boolean).length;
    expect(count(100)).toBe(60);
    nowMs += 5_000;
    expect(count(100)).toBe(5);
    nowMs += 600_000;
    expect(count(100)).toBe(60);
  });
});

describe('places of a subject', () => {
  test('one socket too many is closed with 4429, and a closed one makes room', async () => {
    const app = await start({ socketsPerSubject: 2 });
    const open = async (subject: string) => {
      const socket = await openRawSocket(app, {}, { authorization: await bearer({ subject }) });
      const first = await Promise.race([socket.message({ type: 'connection_ack' }), socket.closed]);
      return { socket, first };
    };
    const one = await open('crm');
    await open('crm');
    expect((await open('crm')).first).toBe(4429);
    expect((await open('somebody else')).first).toMatchObject({ type: 'connection_ack' });
    one.socket.socket.close();
    await eventually(async () => expect((await open('crm')).first).toMatchObject({ type: 'connection_ack' }));
  });

  test('the usual number of sockets is 20', async () => {
    const app = await start();
    const sockets = await Promise.all(
      Array.from({ length: 21 }, async () => openRawSocket(app, {}, { authorization: await bearer() })),
    );
    const refused = await eventually(() => {
      const answers = sockets.map(({ received, socket }) => received.length > 0 || socket.readyState > 1);
      expect(answers.every(Boolean)).toBe(true);
      return sockets.filter(({ received }) => received.length === 0);
    });
    expect(await Promise.all(refused.map(({ closed }) => closed))).toEqual([4429]);
  });

  test.each(TRANSPORTS)(
    'subscriptions over %s are bounded, and one that ends makes room',
    async transport => {
      const app = await start({ subscriptionsPerSubject: 2 });
      const open = () => subscribe(app, transport, MESSAGES, { subject: 'crm' });
      const first = open();
      const waiting = [first.next(), open().next()];
      await eventually(() => expect(app.sessions.messageStreams).toHaveLength(2));
      const refused = await open().next();
      expect(codesOf(refused.value ?? {})).toEqual(['RATE_LIMITED']);
      app.sessions.messageStreams[0]?.complete();
      await Promise.race(waiting);
      const again = open().next();
      await eventually(() => expect(app.sessions.messageStreams).toHaveLength(3));
      app.sessions.messageStreams[2]?.complete();
      expect((await again).done).toBe(true);
    },
  );

  test('a place given back twice is one place', () => {
    const take = createPlaces(1);
    const leave = take('crm');
    leave?.();
    leave?.();
    expect(take('crm')).toBeTypeOf('function');
    expect(take('crm')).toBeUndefined();
  });
});
