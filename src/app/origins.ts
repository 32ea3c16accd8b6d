import type { IncomingMessage, ServerResponse } from 'node:http';

const PREFLIGHT_AGE_S = 600;

/** Which web pages may call. Programs that are no browser send no Origin, and are not meant here. */
export type IsOriginAllowed = (request: IncomingMessage) => boolean;

export function createOriginCheck(allowedOrigins: readonly string[]): IsOriginAllowed {
  const allowed = new Set(allowedOrigins);
  return ({ headers: { origin, host } }) =>
    origin === undefined || allowed.has(origin) || (URL.canParse(origin) && new URL(origin).host === host);
}

/** Credentials are never allowed: a token is sent by the page that has it, not by the browser on its own. */
export function allowOrigin(response: ServerResponse, { headers: { origin } }: IncomingMessage) {
  if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin);
}

export const isPreflight = ({ method, headers }: IncomingMessage) =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

export function answerPreflight(response: ServerResponse) {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'authorization, content-type, accept',
    'Access-Control-Max-Age': PREFLIGHT_AGE_S,
  });
  response.end();
}
