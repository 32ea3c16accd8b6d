import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../config/forms.ts';
import type { Metrics } from '../metrics/metrics.ts';

export interface MetricsPageOptions {
  readonly metrics: Pick<Metrics, 'contentType' | 'render'>;
  /** Whoever reads has to show it; undefined: only this machine may read. */
  readonly token: string | undefined;
}

type Counts = Parameters<Metrics['render']>[0];

/** `/metrics`. It holds no secret and no phone number, and still tells how busy somebody's business is. */
export function createMetricsPage({ metrics, token }: MetricsPageOptions) {
  const isAllowed = token === undefined ? isFromHere : createTokenCheck(token);
  return async (request: IncomingMessage, response: ServerResponse, counts: Counts): Promise<void> => {
    if (!isAllowed(request)) return refuse(response, token === undefined ? 403 : 401);
    const text = await metrics.render(counts);
    response.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' });
    response.end(text);
  };
}

/** What a proxy on this machine hands on comes from loopback, too; proxies say that they did. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const isForwarded = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined;
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return isLoopback(address) && !isForwarded;
}

function createTokenCheck(token: string) {
  const wanted = digestOf(`Bearer ${token}`);
  // Digests are of one length, and comparing them tells nothing about how much was right.
  return ({ headers }: IncomingMessage) => timingSafeEqual(wanted, digestOf(headers.authorization ?? ''));
}

const digestOf = (text: string) => createHash('sha256').update(text).digest();

function refuse(response: ServerResponse, status: 401 | 403): void {
  const hint = 'From elsewhere than this machine, metrics are read with METRICS_TOKEN as a bearer token.';
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
  });
  response.end(`${hint}\n`);
}
