import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Playground } from '../playground.ts';
import type { Simulator } from '../simulator.ts';
import { createEventStream } from './event-stream.ts';
import { pageHtml } from './page-html.ts';
import { type Refusal, refusalOf } from './request-guard.ts';

const MAX_BODY_BYTES = 16 * 1024;

type Order = Readonly<Record<'text' | 'jid', string>>;

/** Serves the page, what it shows (as server-sent events), and what it can do. */
export function createPageServer(simulator: Simulator, playground: Playground): RequestListener {
  const port = Number(new URL(simulator.url).port);
  const events = createEventStream(playground.state);
  simulator.onChange(events.changed);

  const orders: Readonly<Record<string, (order: Order) => unknown>> = {
    '/pair': ({ text }) => playground.pair(text),
    '/send': ({ text }) => playground.sendText(text),
    '/group': ({ text }) => playground.sendGroupText(text),
    '/kick': ({ jid }) => playground.kick(jid),
  };

  async function obey(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const order = orders[request.url ?? ''];
    if (order === undefined) return refuse(response, NOT_FOUND);
    try {
      await order(await readOrder(request));
      events.changed();
      response.writeHead(204).end();
    } catch (error) {
      refuse(response, { status: 400, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  return (request, response) => {
    const refusal = refusalOf(request, port);
    if (refusal) return refuse(response, refusal);
    if (request.method === 'POST') return void obey(request, response);
    if (request.url === '/') return sendPage(response);
    if (request.url === '/events') return events.add(response);
    refuse(response, NOT_FOUND);
  };
}

const NOT_FOUND: Refusal = { status: 404, reason: 'there is nothing here' };

function refuse(response: ServerResponse, { status, reason }: Refusal): void {
  // The rest of the request may never have been read.
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(reason);
}

function sendPage(response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  const only = `'nonce-${nonce}'`;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      `default-src 'none'; script-src ${only}; style-src ${only}; connect-src 'self'; ` +
      `img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  });
  response.end(pageHtml(nonce));
}

async function readOrder(request: IncomingMessage): Promise<Order> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new Error('this is too long');
    chunks.push(chunk);
  }
  const order: unknown = JSON.parse(Buffer.concat(chunks).toString());
  const field = (name: string) => {
    const value = (order as Record<string, unknown> | null)?.[name] ?? '';
    if (typeof value !== 'string') throw new Error(`${name} has to be a string`);
    return value;
  };
  return { text: field('text'), jid: field('jid') };
}
