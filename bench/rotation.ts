import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { rewrapUnderLease, rotateKeys } from '../src/core/sealing/key-rotation.ts';
import { openVault } from '../src/open-vault.ts';
import { median } from '../test/support/quantile.ts';
import { makeBenchFolder } from './bench-folder.ts';

/** How long a new secret takes for many sessions of one file store, and whether they can be read meanwhile. */
const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000' },
    repetitions: { type: 'string', default: '5' },
  },
});
const count = Number(options.sessions);
const secrets = Array.from({ length: Number(options.repetitions) + 1 }, (_, number) =>
  (number + 16).toString(16).repeat(32),
);
const idOf = (number: number) => `session-${number}`;
const onFailure = (error: Error) => console.error(error);

const open = (folder: string, newest: number) =>
  openVault(
    readConfig({
      WHATSAPP_AUTH_DIR: folder,
      SESSION_ENCRYPTION_SECRET: secrets
        .slice(0, newest + 1)
        .reverse()
        .join(','),
    }),
  );

async function fill(folder: string): Promise<void> {
  const { vault, chain } = await open(folder, 0);
  const record = { createdAt: 1, desiredState: 'STOPPED', excludedStores: [] } as const;
  const entries = [{ type: 'creds', id: '', value: Buffer.alloc(2_048, 'c') }];
  for (let number = 0; number < count; number += 1) {
    await (await vault.create({ sessionId: idOf(number), record, entries, onFailure })).close();
  }
  await chain.close();
}

/** One rotation to the next secret; how long it takes, and how many reads went well or failed beside it. */
async function rotate(folder: string, newest: number) {
  const { vault, ...opened } = await open(folder, newest);
  let [isOver, read, failed] = [false, 0, 0];
  async function readOn(): Promise<void> {
    for (let number = 0; !isOver; number = (number + 7) % count) {
      const found = await vault.peek(idOf(number)).catch(() => undefined);
      if (found) read += 1;
      else failed += 1;
    }
  }
  const reading = readOn();
  const began = performance.now();
  let [after, rewrapped, left] = ['', 0, 0];
  for (let remaining = 1; remaining > 0; ) {
    const progress = await rotateKeys(opened, { after, isVisible: () => true }, rewrapUnderLease(vault));
    [remaining, after] = [progress.remaining, progress.endCursor ?? after];
    rewrapped += progress.rewrapped;
    left += progress.left.length;
  }
  const ms = Math.round(performance.now() - began);
  isOver = true;
  await reading;
  await opened.chain.close();
  return { ms, rewrapped, left, read, failed };
}

const folder = await makeBenchFolder();
try {
  await fill(folder);
  const rows = [];
  for (let newest = 1; newest < secrets.length; newest += 1) rows.push(await rotate(folder, newest));
  console.table(rows);
  console.log(`${count} sessions, median: ${median(rows.map(({ ms }) => ms))} ms`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
