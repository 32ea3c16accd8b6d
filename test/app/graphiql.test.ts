import { execFileSync } from 'node:child_process';
import { createContext, Script } from 'node:vm';
import { parse, validate } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { EXAMPLE_TABS } from '../../src/app/graphiql/example-tabs.ts';
import { PAGE_SCRIPT } from '../../src/app/graphiql/page-script.ts';
import { createSchema } from '../../src/schema/public-schema.ts';
import { codesOf, startApp, type TestApp } from './test-app.ts';

const config = { host: '127.0.0.1', port: 0, allowedOrigins: [], servesGraphiql: false };
const open = (app: TestApp) => fetch(app.url, { headers: { accept: 'text/html' } });

// What the build does; the tests of this file run without one.
beforeAll(() => void execFileSync(process.execPath, ['scripts/copy-graphiql.mjs']));

test('the page needs no token, and runs nothing without', async () => {
  const app = await startApp();
  const reply = await open(app);
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toContain('text/html');
  const query = encodeURIComponent('{ stores { name } }');
  await fetch(`${app.url}?query=${query}`, { headers: { accept: 'text/html' } });
  expect(app.sessions.calls).toEqual([]);
});

test('it works offline: all it loads comes from this server, and nothing else may', async () => {
  const app = await startApp();
  const reply = await open(app);
  const html = await reply.text();
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
  const loaded = links.filter(link => !link.startsWith('data:'));
  expect(loaded).toHaveLength(5);
  expect(reply.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
  for (const link of loaded) {
    const { origin, href } = new URL(link, app.url);
    expect(origin).toBe(new URL(app.url).origin);
    const asset = await fetch(href);
    expect(asset.status, link).toBe(200);
    expect((await asset.text()).length, link).toBeGreaterThan(1_000);
    const again = await fetch(href, { headers: { 'if-none-match': asset.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  }
});

test('it opens with examples that the API takes', () => {
  const schema = createSchema();
  const problems = EXAMPLE_TABS.flatMap(({ query }) => validate(schema, parse(query)));
  expect(problems).toEqual([]);
  const roots = EXAMPLE_TABS.map(({ query }) => /\{\s*(\w+)/.exec(query.replace(/\(.*?\) /, ''))?.[1]);
  expect(roots).toEqual(
    expect.arrayContaining(['sessions', 'session', 'createSession', 'sessionQrIssued', 'syncSession']),
  );
  for (const { variables = '{}' } of EXAMPLE_TABS) expect(() => JSON.parse(variables)).not.toThrow();
});

test('its script is one that a browser can read, and hands the examples to GraphiQL', () => {
  let props: { defaultTabs: unknown[]; shouldPersistHeaders: boolean } | undefined;
  const browser = createContext({
    React: { createElement: (_type: unknown, given: typeof props) => (props = given) },
    ReactDOM: { createRoot: () => ({ render: () => undefined }) },
    GraphiQL: {},
    document: { getElementById: () => ({}) },
  });
  new Script(PAGE_SCRIPT).runInContext(browser);
  expect(props?.defaultTabs).toHaveLength(EXAMPLE_TABS.length);
  expect(props?.shouldPersistHeaders, 'headers hold a token').toBe(false);
});

test('nothing of it is there where it is turned off', async () => {
  const app = await startApp({ config });
  expect((await open(app)).status).toBe(401);
  expect((await fetch(new URL('/graphiql/graphiql.js', app.url))).status).toBe(404);
});

test('there is nothing else beside its files', async () => {
  const app = await startApp();
  for (const name of ['', 'constructor', '..%2f..%2fpackage.json', 'page.js']) {
    const reply = await fetch(new URL(`/graphiql/${name}`, app.url));
    expect(reply.status, name).toBe(404);
  }
  expect(codesOf(await app.post('{ stores { name } }'))).toBeUndefined();
});
