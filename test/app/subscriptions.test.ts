import { describe, expect, test } from 'vitest';
import { StoreError } from '../../src/core/errors.ts';
import { createFakeSessions, qrCode, sessionView, statusChange, textMessage } from './fake-sessions.ts';
import { codesOf, collect, eventually, startApp, subscribe, TRANSPORTS } from './test-app.ts';

const QR = 'subscription { sessionQrIssued(id: "shop") { data } }';

describe.each(TRANSPORTS)('over %s', transport => {
  const start = () => startApp({ sessions: createFakeSessions(sessionView('shop')) });

  test('codes come as they are issued, and the stream completes with its source', async () => {
    const app = await start();
    const values = collect(subscribe(app, transport, QR));
    const source = await opened(app.sessions.qrStreams);
    source.push(qrCode('first'));
    source.push(qrCode('second'));
    source.complete();
    expect(await values).toEqual([
      { data: { sessionQrIssued: { data: 'first' } } },
      { data: { sessionQrIssued: { data: 'second' } } },
    ]);
    expect(source.isReturned).toBe(true);
  });

  test('status changes carry the session', async () => {
    const app = await start();
    const query =
      'subscription { sessionStatusChanged { status previous at session { id copies { store } } } }';
    const values = collect(subscribe(app, transport, query));
    const source = await opened(app.sessions.statusStreams);
    source.push(statusChange(sessionView('shop')));
    source.complete();
    const change = {
      status: 'CONNECTED',
      previous: null,
      at: '2026-01-02T03:04:05.006Z',
      session: { id: 'shop', copies: [{ store: 'file' }] },
    };
    expect(await values).toEqual([{ data: { sessionStatusChanged: change } }]);
  });

  test('without an id the source is told what the viewer may see', async () => {
    const app = await start();
    const query = 'subscription { messageReceived { sessionId text } }';
    const values = collect(subscribe(app, transport, query, { sessions: ['shop-*'] }));
    const source = await opened(app.sessions.messageStreams);
    source.push(textMessage('shop-1', 'hello'));
    source.complete();
    expect(await values).toEqual([{ data: { messageReceived: { sessionId: 'shop-1', text: 'hello' } } }]);
    const [, target] = app.sessions.calls.at(-1) ?? [];
    const { isVisible } = target as { isVisible(id: string): boolean };
    expect([isVisible('shop-1'), isVisible('other')]).toEqual([true, false]);
  });

  test('a hidden session and a missing one fail in the same way', async () => {
    const app = await start();
    const missing = await collect(
      subscribe(app, transport, 'subscription { sessionQrIssued(id: "none") { data } }'),
    );
    const hidden = await collect(subscribe(app, transport, QR, { sessions: ['none'] }));
    expect(missing.map(codesOf)).toEqual([['SESSION_NOT_FOUND']]);
    expect(hidden).toEqual(missing);
  });

  test('a malformed id is bad input', async () => {
    const app = await start();
    const query = 'subscription { sessionStatusChanged(id: "../x") { status } }';
    const values = await collect(subscribe(app, transport, query));
    expect(values.map(codesOf)).toEqual([['BAD_USER_INPUT']]);
  });

  test('an error in mid-stream ends it, under its code', async () => {
    const app = await start();
    const values = collect(subscribe(app, transport, QR));
    const source = await opened(app.sessions.qrStreams);
    source.push(qrCode('first'));
    source.fail(new StoreError('STORE_UNREADABLE', 'file', 'session shop: disk error'));
    const [, failure, ...rest] = await values;
    expect(failure && codesOf(failure)).toEqual(['STORE_UNAVAILABLE']);
    expect(rest).toEqual([]);
    expect(source.isReturned).toBe(true);
  });

  test('an unexpected error in mid-stream shows nothing of itself', async () => {
    const app = await start();
    const values = collect(subscribe(app, transport, QR));
    (await opened(app.sessions.qrStreams)).fail(new Error('mongodb://user:canary@host'));
    const [failure] = await values;
    expect(failure && codesOf(failure)).toEqual(['INTERNAL']);
    expect(JSON.stringify(failure)).not.toContain('canary');
    expect(app.logged).toHaveLength(1);
  });

  test('a subscriber that leaves lets its source go, also while nothing happens', async () => {
    const app = await start();
    const values = subscribe(app, transport, QR);
    const first = values.next();
    const source = await opened(app.sessions.qrStreams);
    source.push(qrCode('first'));
    await first;
    const left = values.return(undefined);
    await eventually(() => expect(source.isReturned).toBe(true));
    await left;
  });

  test('F7: it ends when the token expires, with one UNAUTHENTICATED', async () => {
    const app = await start();
    const values = collect(subscribe(app, transport, QR, { ttlMs: 2_500 }));
    const source = await opened(app.sessions.qrStreams);
    source.push(qrCode('first'));
    expect((await values).map(codesOf)).toEqual([undefined, ['UNAUTHENTICATED']]);
    expect(source.isReturned).toBe(true);
  });
});

/** The stream of the next subscription, once it is there. */
const opened = <T>(streams: readonly T[]): Promise<T> =>
  eventually(() => {
    const stream = streams.at(-1);
    if (stream === undefined) throw new Error('no stream was opened');
    return stream;
  });
