import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts';
import { residentBytes } from '../test/support/resident-memory.ts';
import { type IdleServer, startIdleServer } from './idle-server.ts';

/**
 * What idle sessions cost: they are paired, the server is started again, and when all are connected and nothing has
 * happened for a while its memory is compared with that of a server without sessions. Then it is told to stop.
 */
const { values: options } = parseArgs({ options: { sessions: { type: 'string', default: '200' } } });
const count = Number(options.sessions);
const SETTLING_MS = 15_000;

async function pairAll(server: IdleServer, simulator: Simulator): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const id = `idle-${number}`;
    await server.request('mutation ($id: ID!) { createSession(input: { id: $id }) { session { id } } }', {
      id,
    });
    const qr = await server.until(
      `{ session(id: "${id}") { qr { data } } }`,
      ({ session }) => session?.qr?.data,
    );
    await simulator.createPhone({ number: String(15_550_010_000 + number) }).scan(qr);
    await server.until(
      `{ session(id: "${id}") { status } }`,
      ({ session }) => session?.status === 'CONNECTED' && 'CONNECTED',
    );
    if (number % 50 === 0) process.stderr.write(`${number} paired\n`);
  }
}

/** Bytes of the process in memory, after a pause. */
async function settledBytes(server: IdleServer): Promise<number> {
  await new Promise(resolve => setTimeout(resolve, SETTLING_MS));
  return residentBytes(server.pid);
}

const simulator = await startSimulator({ preKeyFloor: 1 });
const folder = await mkdtemp(join(fileURLToPath(new URL('..', import.meta.url)), 'bench-'));
try {
  const first = await startIdleServer(folder, simulator.url);
  const empty = await settledBytes(first);
  await pairAll(first, simulator);
  await first.stop();
  const logins = simulator.logins;
  const again = await startIdleServer(folder, simulator.url);
  const startedAt = performance.now();
  await simulator.until(() => simulator.logins >= logins + count);
  const seconds = (performance.now() - startedAt) / 1_000;
  const full = await settledBytes(again);
  const stopped = await again.stop();
  const each = (full - empty) / count / 1024;
  console.log(
    `${count} sessions: ${(full / 2 ** 20).toFixed(0)} MiB, without: ${(empty / 2 ** 20).toFixed(0)} MiB`,
  );
  console.log(`${each.toFixed(0)} KiB a session; all connected ${seconds.toFixed(1)} s after the start`);
  console.log(`SIGTERM to exit code ${stopped.exitCode}: ${stopped.ms.toFixed(0)} ms`);
} finally {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}
