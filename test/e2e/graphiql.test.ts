import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programsOnPath, thisMachine } from '../../scripts/services/find-server.mjs';
import { mintToken } from '../../src/auth.ts';
import { until } from '../support/condition.ts';
import { TOKEN_SECRET } from '../support/server-process.ts';
import { createServerWorld, pairByQr, SESSION, type ServerWorld } from '../support/server-world.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const [program] = programsOnPath(PROGRAMS, thisMachine());

const title = program
  ? 'GraphiQL in a browser'
  : `GraphiQL in a browser (none of ${PROGRAMS.join(', ')} is here)`;

/** What CodeMirror leaves at its element. */
interface Editor extends Element {
  readonly CodeMirror: { getValue(): string; setValue(text: string): void };
}

describe.skipIf(!program)(title, () => {
  let world: ServerWorld;
  let browser: Browser | undefined;
  let page: Page;
  let complaints: string[];
  const asked = new Set<string>();

  beforeEach(async () => {
    world = await createServerWorld();
    // Root may not have a sandbox, and a container often has no /dev/shm worth the name.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    browser = await chromium.launch({ executablePath: program ?? '', args });
    page = await browser.newPage();
    complaints = [];
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', request => asked.add(new URL(request.url()).origin));
  });
  afterEach(async () => {
    await browser?.close();
    await world.close();
  });

  // Of an editor only what is in sight is in the document.
  const answer = () =>
    page.evaluate(
      () => document.querySelector<Editor>('.result-window .CodeMirror')?.CodeMirror.getValue() ?? '',
    );
  const shows = (text: string) => until(`it shows ${text}`, async () => (await answer()).includes(text));
  const openTab = (name: string) => page.locator('.graphiql-tab-button', { hasText: name }).click();
  /** GraphiQL reads what is in an editor a moment later: pressed before that, it knows no operation of that name. */
  const runUntilItShows = (text: string) =>
    until(`it shows ${text}`, async () => {
      if ((await answer()).includes(text)) return true;
      const button = page.locator('.graphiql-execute-button');
      if ((await button.getAttribute('aria-label'))?.startsWith('Execute')) await button.click();
      return false;
    });

  it('asks this server only, runs the examples with one token, and shows a subscription as it goes on', async () => {
    const server = await world.start({ GRAPHIQL: 'on' });
    const device = await pairByQr(server, world.phone);
    await device.online();
    await page.goto(server.api.url, { waitUntil: 'networkidle' });
    await shows('UNAUTHENTICATED');
    const token = await mintToken({
      secret: TOKEN_SECRET,
      subject: 'browser',
      scopes: ['admin'],
      ttlMs: 60_000,
    });
    await page.evaluate(
      headers =>
        document
          .querySelector<Editor>('section[aria-label="Headers"] :not(.hidden) > .CodeMirror')
          ?.CodeMirror.setValue(headers),
      JSON.stringify({ authorization: `Bearer ${token}` }),
    );
    await runUntilItShows(`"id": "${SESSION}"`);

    // The token stands in the first tab only.
    await openTab('WatchStatus');
    await runUntilItShows('"status": "CONNECTED"');
    await server.api.request('mutation ($id: ID!) { stopSession(input: { id: $id }) { session { id } } }', {
      id: SESSION,
    });
    await shows('"status": "STOPPED"');
    expect([...asked]).toEqual([new URL(server.api.url).origin]);
    expect(complaints.filter(text => !/status of 40[01]/.test(text))).toEqual([]);
  });
});
