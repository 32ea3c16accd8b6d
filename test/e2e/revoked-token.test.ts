import { expect, it, onTestFinished } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { createApiClient } from '../support/api-client.ts';
import { until } from '../support/condition.ts';
import { TOKEN_SECRET } from '../support/server-process.ts';
import { createServerWorld } from '../support/server-world.ts';

const CREATE = 'mutation { createSession(input: { id: "shop" }) { session { id } } }';
const WATCH = 'subscription { sessionStatusChanged { session { id } status } }';

it('attack: a token that the command line takes back ends its subscription and opens nothing more', async () => {
  const world = await createServerWorld();
  onTestFinished(() => world.close());
  const server = await world.start();
  const environment = { AUTH_JWT_SECRET: TOKEN_SECRET, WHATSAPP_AUTH_DIR: world.firstStore };
  const minted = await runCli(['token', '--scope', 'sessions:read', '--ttl', '5m'], environment);
  const token = minted.output.trim();
  const stolen = createApiClient(server.api.url, token);
  onTestFinished(() => stolen.close());
  let heard = 0;
  let hasEnded = false;
  const hear = () => {
    heard += 1;
  };
  stolen.subscribe(WATCH, {}, hear, () => {
    hasEnded = true;
  });
  await server.api.request(CREATE);
  await until('it hears of the session', () => heard > 0);
  expect(hasEnded).toBe(false);

  expect((await runCli(['token', 'revoke', token], environment)).code).toBe(0);
  await until('its subscription has ended', () => hasEnded);
  await expect(stolen.request('{ sessions { totalCount } }')).rejects.toThrow('UNAUTHENTICATED');
  expect((await server.api.request('{ sessions { totalCount } }')).sessions.totalCount).toBe(1);
});
