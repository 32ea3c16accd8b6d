import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PAGE_SCRIPT } from './page-script.ts';

/** Where the build puts what GraphiQL is made of; the same place for sources and for what is built from them. */
const BUNDLES = new URL('../../../dist/graphiql/', import.meta.url);

const SCRIPT = 'text/javascript; charset=utf-8';
const FILES = {
  'react.js': SCRIPT,
  'react-dom.js': SCRIPT,
  'graphiql.js': SCRIPT,
  'graphiql.css': 'text/css; charset=utf-8',
} as const;

const PATH = '/graphiql/';
const HOUR_S = 3_600;

/** Everything comes from this server: the page works without the internet, and nothing else hears of a token. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Relative, for a proxy that serves it under a path of its own. */
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sessiongraph</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="graphiql/graphiql.css">
<style>html, body, #graphiql { height: 100%; margin: 0 }</style>
<div id="graphiql"></div>
<script src="graphiql/react.js"></script>
<script src="graphiql/react-dom.js"></script>
<script src="graphiql/graphiql.js"></script>
<script src="graphiql/start.js"></script>
`;

interface Asset {
  readonly type: string;
  readonly tag: string;
  readonly zipped: Buffer;
}

export type Graphiql = ReturnType<typeof createGraphiql>;

/** GraphiQL, from this server alone. Its files are read when somebody first asks for them. */
export function createGraphiql() {
  const assets = new Map<string, Promise<Asset>>();
  return {
    isAsset: (path: string) => path.startsWith(PATH),
    sendPage(response: ServerResponse) {
      response.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': POLICY,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'no-cache',
      });
      response.end(PAGE);
    },
    /** False where there is no such file. Rejects where the build left it out. */
    async sendAsset(path: string, knownTag: string | undefined, response: ServerResponse): Promise<boolean> {
      const name = path.slice(PATH.length);
      if (name !== 'start.js' && !Object.hasOwn(FILES, name)) return false;
      const asset = assets.get(name) ?? loadAsset(name);
      assets.set(name, asset);
      asset.catch(() => assets.delete(name));
      const { type, tag, zipped } = await asset;
      response.writeHead(knownTag === tag ? 304 : 200, {
        'Content-Type': type,
        'Content-Encoding': 'gzip',
        ETag: tag,
        'Cache-Control': `max-age=${HOUR_S}`,
        'X-Content-Type-Options': 'nosniff',
      });
      response.end(knownTag === tag ? undefined : zipped);
      return true;
    },
  };
}

async function loadAsset(name: string): Promise<Asset> {
  const bytes = name === 'start.js' ? Buffer.from(PAGE_SCRIPT) : await readFile(new URL(name, BUNDLES));
  const tag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  const type = name in FILES ? FILES[name as keyof typeof FILES] : SCRIPT;
  return { type, tag, zipped: await promisify(gzip)(bytes) };
}
