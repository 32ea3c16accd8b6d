// Each attack is one call that says how the server ended it: a status, a code to close with, or that it hung up.
import { request } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

const WATCH = 'subscription { messageReceived { text } }';
// With plain JSON a query that is no query would be answered with a 200.
const RESPONSE = 'application/graphql-response+json';
const LARGE = 2 * 1024 * 1024;

/** @param {{ url: string, token: string }} target */
export function createAttacks({ url, token }) {
  const { hostname, port, pathname } = new URL(url);
  const authorization = `Bearer ${token}`;

  /** One POST on a connection of its own; what is refused half way is answered all the same. */
  const post = (body, headers = {}) =>
    new Promise(resolve => {
      const sent = request(url, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', accept: RESPONSE, authorization, ...headers },
      });
      sent.on('response', response => {
        resolve(String(response.statusCode));
        response.resume();
      });
      sent.on('error', () => resolve('cut off'));
      sent.end(body);
    });
  const query = (text, headers) => post(JSON.stringify({ query: text }), headers);

  /** Bytes by hand, on a connection that `act` holds as long as it likes. */
  const speak = act =>
    new Promise(resolve => {
      const socket = connect(Number(port), hostname, () => act(socket));
      let first;
      socket.on('data', chunk => {
        first ??= /^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1'))?.[1];
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(first ?? 'cut off'));
    });
  const opening = `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${authorization}\r\n`;
  const asJson = 'Content-Type: application/json\r\nContent-Length: 200\r\n\r\n';

  /** A byte a second: as good as never, and never silent. */
  const drip = socket => {
    const timer = setInterval(() => socket.write('x'), 1_000);
    socket.once('close', () => clearInterval(timer));
  };

  /** A socket that is let in, and what is done on it then. */
  const onSocket = act =>
    new Promise(resolve => {
      const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
      const send = message => socket.readyState === socket.OPEN && socket.send(JSON.stringify(message));
      socket.on('open', () => send({ type: 'connection_init', payload: { authorization } }));
      socket.on('message', data => {
        if (JSON.parse(data.toString()).type === 'connection_ack') act(socket, send);
      });
      socket.on('error', () => {});
      socket.on('close', code => resolve(String(code)));
    });
  const subscribe = (send, id) => send({ id: String(id), type: 'subscribe', payload: { query: WATCH } });

  return {
    queries: () => query('{ sessions { totalCount edges { node { id status } } } }'),
    aliases: () =>
      query(`{ ${Array.from({ length: 40 }, (_, n) => `a${n}: sessions { totalCount }`).join(' ')} }`),
    depth: () =>
      query(`{ sessions { edges { node { ${'copies { '.repeat(30)} store ${'}'.repeat(30)} } } } }`),
    tokens: () => query(`{ sessions { ${'totalCount '.repeat(5_000)} } }`),
    batches: () => post(JSON.stringify(Array.from({ length: 50 }, () => ({ query: '{ __typename }' })))),
    garbage: () => post('{"query": "{ sess'),
    badTokens: () => query('{ __typename }', { authorization: `Bearer ${token.slice(0, -4)}AAAA` }),
    largeBodies: () => post(Buffer.alloc(LARGE, 'x')),
    undeclaredBodies: () => post(Buffer.alloc(LARGE, 'x'), { 'transfer-encoding': 'chunked' }),
    largeHeaders: () => query('{ __typename }', { 'x-filler': 'x'.repeat(32 * 1024) }),
    slowHeaders: () =>
      speak(socket => {
        socket.write(`${opening}X-Slow: `);
        drip(socket);
      }),
    slowBodies: () =>
      speak(socket => {
        socket.write(`${opening}${asJson}`);
        drip(socket);
      }),
    largeFrames: () => onSocket(socket => socket.send('x'.repeat(1024 * 1024))),
    manyOperations: () =>
      onSocket((_, send) => {
        for (let id = 0; id < 200; id += 1) subscribe(send, id);
      }),
    manySockets: () =>
      onSocket((socket, send) => {
        subscribe(send, 1);
        setTimeout(() => socket.terminate(), 5_000);
      }),
    /** Subscribes, reads nothing any more, and has pings answered, which wait for nobody. */
    deafSockets: () =>
      onSocket((socket, send) => {
        subscribe(send, 1);
        socket.pause();
        const payload = { filler: 'x'.repeat(32 * 1024) };
        for (let sent = 0; sent < 500; sent += 1) send({ type: 'ping', payload });
        setTimeout(() => socket.terminate(), 20_000);
      }),
    /** Subscribes by server-sent events and reads nothing. */
    deafStreams: () =>
      speak(socket => {
        const body = JSON.stringify({ query: WATCH });
        const headers = `Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
        socket.pause();
        socket.write(`${opening}${headers}\r\n\r\n${body}`);
        setTimeout(() => socket.destroy(), 10_000);
      }),
    /** Asks again and again on one connection, and reads no answer. */
    deafPipelines: () =>
      speak(socket => {
        const body = JSON.stringify({ query: '{ sessions { edges { node { id status createdAt } } } }' });
        const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
        socket.pause();
        socket.write(`${opening}${headers}\r\n\r\n${body}`.repeat(200));
        setTimeout(() => socket.destroy(), 10_000);
      }),
  };
}
