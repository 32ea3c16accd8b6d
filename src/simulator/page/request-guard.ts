import type { IncomingMessage } from 'node:http';

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * Why a request is turned away, if it is. The page listens on loopback, but every website that somebody on this
 * machine visits can send requests there. The Host header keeps out those that made a name of theirs point at
 * 127.0.0.1 (DNS rebinding) and could read the answers; the Origin header and a content type that no form can
 * send keep out those that only want something done.
 */
export function refusalOf({ method, headers }: IncomingMessage, port: number): Refusal | undefined {
  const { host, origin } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return { status: 421, reason: 'this host is not served here' };
  }
  if (method === 'GET') return undefined;
  if (method !== 'POST') return { status: 405, reason: 'GET and POST only' };
  // Browsers always say where a POST comes from; a shell does not.
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  if (isForeign || (headers['sec-fetch-site'] ?? 'same-origin') !== 'same-origin') {
    return { status: 403, reason: 'another origin asked for this' };
  }
  if (!/^application\/json\s*(;|$)/.test(headers['content-type'] ?? '')) {
    return { status: 415, reason: 'JSON only' };
  }
  return undefined;
}
