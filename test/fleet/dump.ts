import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFailed } from 'vitest';
import type { Fleet } from './fleet.ts';

/** Says where to find out what went wrong, should the test that runs fail. */
export const dumpIfTestFails = (fleet: Fleet): void =>
  onTestFailed(async () => void process.stderr.write(`what happened: ${await dumpFleet(fleet)}\n`));

async function dumpFleet({ servers, simulator, journal }: Fleet): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sessiongraph-fleet-failed-'));
  const { connections, anomalies } = simulator;
  const { faults, statuses } = journal;
  const story = JSON.stringify({ connections, anomalies, faults, statuses }, null, 1);
  await Promise.all([
    writeFile(join(folder, 'story.json'), story),
    ...servers.map(server => writeFile(join(folder, `${server.name}.log`), server.output())),
  ]);
  return folder;
}
