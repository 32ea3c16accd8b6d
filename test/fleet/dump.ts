import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fleet } from './fleet.ts';

/** For whoever has to find out what went wrong; resolves with the folder. */
export async function dumpFleet({ servers, simulator, journal }: Fleet): Promise<string> {
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
