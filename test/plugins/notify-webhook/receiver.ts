import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody who is called. What he answers can be changed; 200 at first. */
export interface Receiver {
  readonly url: string;
  readonly calls: readonly Call[];
  /** A status with headers; 'nothing' leaves the caller waiting, 'no end' goes on answering. */
  answer: (call: Call) => { status: number; headers?: Record<string, string> } | 'nothing' | 'no end';
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call = { path: request.url ?? '', headers: request.headers, body };
    calls.push(call);
    const answer = receiver.answer(call);
    if (answer === 'no end') await pipeline(Readable.from(forever()), response).catch(() => {});
    else if (answer !== 'nothing') response.writeHead(answer.status, answer.headers).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    answer: () => ({ status: 200 }),
    close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
  return receiver;
}

function* forever(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(4_096);
}
