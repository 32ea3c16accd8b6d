import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const DEMO = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));

it('the demo tells its whole story, and each line of it is true', { timeout: 120_000 }, async () => {
  // Rejects with what the demo printed where it exits with anything but 0.
  const { stdout } = await promisify(execFile)(process.execPath, [DEMO]);
  expect(stdout).toMatch(/^All of it is true, after [\d.]+ s\.$/m);
  // Nobody looks at it: no colours.
  expect(stdout).not.toContain('\u001b');
});
