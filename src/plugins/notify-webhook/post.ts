import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { checkLiteral } from './guarded-lookup.ts';
import type { AddressRule } from './public-addresses.ts';

const DEADLINE_MS = 10_000;
/** What a receiver may say before the connection is cut. Nobody reads it; to cut at once would look like an error. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface Way {
  readonly isAllowed: AddressRule;
  readonly lookup: LookupFunction;
  readonly clock: Clock;
}

/**
 * One attempt, on a connection of its own. Resolves with the status that the receiver answered, within 10 s; rejects
 * where it did not, or where its address is not allowed. Redirects are answers like others: nobody follows them.
 */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { isAllowed, lookup, clock }: Way,
  over: AbortSignal,
): Promise<number> {
  const target = new URL(url);
  checkLiteral(target.hostname, isAllowed);
  const open = target.protocol === 'https:' ? requestHttps : requestHttp;
  const request = open(target, {
    method: 'POST',
    agent: false,
    lookup,
    signal: over,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'sessiongraph',
      ...headers,
    },
  });
  const cancel = clock.schedule(DEADLINE_MS, () =>
    request.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)),
  );
  try {
    return await exchange(request, body);
  } finally {
    cancel();
  }
}

function exchange(request: ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', response => {
      const { statusCode = 0 } = response;
      // Whether it took the event is said by now; how the answer ends changes nothing.
      response.on('error', () => resolve(statusCode));
      response.on('close', () => resolve(statusCode));
      discard(response);
    });
    request.end(body);
  });
}

function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) response.destroy();
  });
}
