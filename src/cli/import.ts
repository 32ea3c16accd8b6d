import { readConfig } from '../config.ts';
import { silenceConsole } from '../core/baileys/libsignal-console.ts';
import { systemClock } from '../core/clock.ts';
import {
  CREDENTIALS_ONLY,
  createSessionImport,
  describe,
  type ImportReport,
  type SessionImport,
} from '../core/vault/session-import.ts';
import { STOP_THE_OLD_BOT } from '../import/import-log.ts';
import { createMultiFileSource } from '../import/multi-file-source.ts';
import { oldPlacesOf, oldSourcesOf } from '../old-sources.ts';
import { openVault } from '../open-vault.ts';
import { badArguments, type Command } from './command.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

export const importFolders: Command = {
  help: `sessiongraph import [DIR] [--redis URL] [--dry-run] [--json]

Takes over the sessions that older programs left. With DIR: those that Baileys' useMultiFileAuthState keeps in
DIR/creds.json (as session "default") and in DIR/ID/creds.json. Without: those in WHATSAPP_AUTH_DIR, then those in
whatsapp_sessions of the databases in MONGODB_URI and TIDB_HOST, which hold no signal keys; a server does that by itself
when it starts. What is there stays as it is. Sessions that exist, or were deleted, are passed over. The server must not
run.

  --redis URL   look at the key whatsapp:creds in this Redis, too; REDIS_URL where it is left out
  --dry-run     say what would be taken over, and take over nothing`,
  options: { 'dry-run': { type: 'boolean' }, redis: { type: 'string' } },
  async run(call) {
    const [directory, ...more] = call.words;
    if (more.length > 0) throw badArguments('one DIR at a time');
    silenceConsole();
    const config = readConfig(call.environment);
    const { chain, vault } = await openVault(config);
    const reports: ImportReport[] = [];
    const redisUrl = call.text('redis') ?? call.environment.REDIS_URL;
    const sources =
      directory === undefined
        ? oldSourcesOf({ ...oldPlacesOf(config), redisUrl })
        : [createMultiFileSource(directory)];
    const onReport = (report: ImportReport) => void reports.push(report);
    try {
      const imports = createSessionImport({ sources, chain, vault, clock: systemClock, onReport });
      await importAll(imports, call.has('dry-run') ? 'look' : 'take');
    } finally {
      await chain.close();
    }
    call.print(forPeople(reports, call.has('dry-run')), forPrograms(reports, call.has('dry-run')));
    const refused = reports.filter(({ kind }) => kind === 'refused').length;
    if (refused > 0)
      throw new CommandFailure(EXIT.failed, 'IMPORT_REFUSED', `${refused} could not be taken over`);
  },
};

async function importAll(imports: SessionImport, how: 'look' | 'take'): Promise<void> {
  for (const id of await imports.list()) {
    try {
      const found = how === 'look' ? await imports.find(id) : void (await imports.take(id, []));
      if (found) imports.report({ kind: 'imported', ...describe(id, found) });
    } catch (error) {
      imports.report({ kind: 'refused', place: `session ${id}`, why: (error as Error).message });
    }
  }
}

const forPrograms = (reports: readonly ImportReport[], isDry: boolean) => ({
  dryRun: isDry,
  imported: reports.flatMap(({ kind, ...rest }) => (kind === 'imported' ? [rest] : [])),
  refused: reports.flatMap(({ kind, ...rest }) => (kind === 'refused' ? [rest] : [])),
});

function forPeople(reports: readonly ImportReport[], isDry: boolean): string {
  const lines = reports.map(report => {
    if (report.kind === 'refused') return `✗ ${report.place}: ${report.why}`;
    const entries = Object.values(report.counts).reduce((sum, count) => sum + count, 0);
    const without = report.leftOut.length > 0 ? `, without ${report.leftOut.length} damaged files` : '';
    const only = report.completeness === 'credentials-only' ? `. ${CREDENTIALS_ONLY}` : '';
    const what = `${report.sessionId}: ${entries} ${entries === 1 ? 'entry' : 'entries'} from ${report.place}`;
    return `${isDry ? 'would import' : '✓'} ${what}${without}${only}`;
  });
  if (lines.length === 0) return 'There is nothing to import.';
  const isDone = !isDry && reports.some(({ kind }) => kind === 'imported');
  return [...lines, ...(isDone ? [STOP_THE_OLD_BOT] : [])].join('\n');
}
