import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/auth.ts';
import { runCli } from './run-cli.ts';

const SECRET = 'a token secret for tests, long enough for HS256';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessiongraph-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('sessiongraph', () => {
  it('says what it can do', async () => {
    const { code, output } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'import', 'export', 'token', 'sessions', 'qr', 'simulator']) {
      expect(output).toContain(command);
    }
  });

  it.each(['serve', 'import', 'export', 'token', 'sessions', 'qr', 'simulator'])('%s --help', async name => {
    const { code, output, errors } = await runCli([name, '--help']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(new RegExp(`^sessiongraph ${name}`));
  });

  it.each([
    ['an unknown command', ['dance']],
    ['an unknown option', ['token', '--colour']],
    ['a missing word', ['export', 'shop']],
    ['a word too many', ['qr', 'shop', 'office']],
    ['an unknown verb', ['sessions', 'paint']],
    ['a time that is none', ['token', '--ttl', 'soon']],
    ['a scope that is none', ['token', '--scope', 'everything']],
  ])('%s ends with 2', async (_, args) => {
    const { code, output, errors } = await runCli([...args, '--json']);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(JSON.parse(errors)).toMatchObject({ error: { code: 'BAD_ARGUMENTS' } });
  });

  it('a bad environment ends with 78, a server that is not there with 69', async () => {
    const [config, server] = await Promise.all([
      runCli(['token'], { AUTH_JWT_SECRET: 'short' }),
      runCli(['sessions', 'ls', '--url', 'http://127.0.0.1:9/graphql']),
    ]);
    expect(config.code).toBe(78);
    expect(config.errors).toContain('AUTH_JWT_SECRET');
    expect(config.errors).not.toContain('short');
    expect(server.code).toBe(69);
  });

  it('mints a token that a server takes', async () => {
    const args = ['--sub', 'crm', '--scope', 'sessions:read,messages:send', '--sessions', 'shop,team-*'];
    const environment = { AUTH_JWT_SECRET: SECRET, WHATSAPP_AUTH_DIR: folder };
    const { code, output } = await runCli(['token', ...args, '--ttl', '2h', '--json'], environment);
    expect(code).toBe(0);
    const { token } = JSON.parse(output);
    const viewer = await createAuthenticator({ secret: SECRET })(`Bearer ${token}`);
    expect([...viewer.scopes]).toEqual(['sessions:read', 'messages:send']);
    expect(viewer.subject).toBe('crm');
    expect(['shop', 'team-1', 'other'].map(viewer.canSee)).toEqual([true, true, false]);
    const leftMs = viewer.expiresAt.getTime() - Date.now();
    expect(Math.abs(leftMs - 7_200_000)).toBeLessThan(60_000);
  });
});
