import { connect } from 'node:net';
import { quantile } from '../../test/support/quantile.ts';

/** So many connections, each of which asks as soon as it is answered. Bytes by hand: the load has to cost less than the server. */
export interface LoadRequest {
  readonly url: string;
  readonly token: string;
  readonly query: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p99Ms: number;
}

const request: LoadRequest = JSON.parse(process.argv[2] ?? '');
const { hostname, port, host, pathname } = new URL(request.url);
const body = JSON.stringify({ query: request.query });
const bytes = Buffer.from(
  `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Accept: application/graphql-response+json\r\nAuthorization: Bearer ${request.token}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`,
);
const latenciesMs: number[] = [];
const beganAt = performance.now() + request.warmUpMs;

function ask(): void {
  const socket = connect(Number(port), hostname, next);
  socket.setNoDelay(true);
  let sentAt = 0;
  let answer = '';
  function next(): void {
    answer = '';
    sentAt = performance.now();
    socket.write(bytes);
  }
  socket.on('data', chunk => {
    answer += chunk.toString('latin1');
    if (!isComplete(answer)) return;
    // An error would be quicker than an answer.
    if (!answer.startsWith('HTTP/1.1 200') || answer.includes('"errors"')) throw new Error(answer);
    if (sentAt >= beganAt) latenciesMs.push(performance.now() - sentAt);
    next();
  });
}

function isComplete(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /content-length: (\d+)/i.exec(answer.slice(0, head))?.[1];
  if (length === undefined) return answer.endsWith('0\r\n\r\n');
  return answer.length - head - 4 >= Number(length);
}

for (let count = 0; count < request.connections; count += 1) ask();
setTimeout(() => {
  const result: LoadResult = {
    perSecond: latenciesMs.length / (request.measuredMs / 1_000),
    p99Ms: quantile(latenciesMs, 0.99),
  };
  console.log(JSON.stringify(result));
  process.exit(0);
}, request.warmUpMs + request.measuredMs);
