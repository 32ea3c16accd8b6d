import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { silenceConsole } from '../../src/core/baileys/libsignal-console.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { OldSource } from '../../src/core/old-source.ts';
import { createSessionEvents } from '../../src/core/sessions/session-events.ts';
import { createSessionManager, type SessionManager } from '../../src/core/sessions/session-manager.ts';
import { createSessionImport, type ImportReport } from '../../src/core/vault/session-import.ts';
import { createMultiFileSource } from '../../src/import/multi-file-source.ts';
import { silentLogger } from '../../src/logger.ts';
import { type OpenedVault, openVault } from '../../src/open-vault.ts';
import type { Contact } from '../../src/simulator/contact.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { ENCRYPTION_SECRET } from '../support/server-process.ts';

/** A server's inside over real files in a data directory in which older programs left something. */
export interface ImportScene {
  readonly simulator: Simulator;
  readonly phone: Phone;
  readonly contact: Contact;
  readonly directory: string;
  readonly reports: ImportReport[];
  readonly manager: SessionManager;
  readonly opened: OpenedVault;
  start(): Promise<SessionManager>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** `sourcesOf`: where older programs may have left something, given the data directory. */
export async function createImportScene(
  sourcesOf: (directory: string) => OldSource[] = directory => [createMultiFileSource(directory)],
): Promise<ImportScene> {
  silenceConsole();
  const simulator = await startSimulator({ preKeyFloor: 1 });
  const folder = await mkdtemp(join(tmpdir(), 'sessiongraph-import-'));
  const directory = join(folder, 'whatsapp_auth');
  const config = readConfig({
    WHATSAPP_AUTH_DIR: directory,
    SESSION_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
    STORES: `file,file:${join(folder, 'second')}`,
  });
  const reports: ImportReport[] = [];
  let running: { manager: SessionManager; opened: OpenedVault } | undefined;

  function now() {
    if (!running) throw new Error('it is not running');
    return running;
  }

  async function start(): Promise<SessionManager> {
    const opened = await openVault(config);
    const shared = { ...opened, clock: systemClock };
    const sources = sourcesOf(directory);
    const manager = createSessionManager({
      ...shared,
      imports: createSessionImport({ ...shared, sources, onReport: report => void reports.push(report) }),
      random: () => 0.02,
      events: createSessionEvents(),
      logger: silentLogger,
      socket: { url: simulator.url, silenceMs: 10_000 },
    });
    running = { manager, opened };
    await manager.boot();
    return manager;
  }

  async function stop(): Promise<void> {
    await running?.manager.shutdown();
    await running?.opened.chain.close();
    running = undefined;
  }

  return {
    simulator,
    directory,
    reports,
    phone: simulator.createPhone({ number: '15550001' }),
    contact: simulator.createContact({ number: '15550002' }),
    get manager() {
      return now().manager;
    },
    get opened() {
      return now().opened;
    },
    start,
    stop,
    async close() {
      await stop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Every file of a folder by its name, to see that nothing in it was touched. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { withFileTypes: true })).filter(entry => entry.isFile());
  const read = files.map(async ({ name }) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(read));
}
