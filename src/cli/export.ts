import { readConfig } from '../config.ts';
import { readForExport } from '../core/vault/session-export.ts';
import { writeMultiFileFolder } from '../export/multi-file-folder.ts';
import { openVault } from '../open-vault.ts';
import { type Command, readWords } from './command.ts';

const ONE_OF_THE_TWO =
  'Only one of the two may run from now on: before a bot uses this folder, stop the session here for good. ' +
  'The folder is not encrypted: whoever reads it has the login.';

export const exportSession: Command = {
  help: `sessiongraph export ID DIR [--json]

Writes a session as the folder that Baileys' useMultiFileAuthState reads. DIR must be empty, or not be there. The
server must not run: where it does, its process is named.`,
  options: {},
  async run(call) {
    const [id = '', directory = ''] = readWords(call, ['ID', 'DIR']);
    const opened = await openVault(readConfig(call.environment));
    try {
      const { files, ambiguous } = await writeMultiFileFolder(directory, await readForExport(opened, id));
      const hint =
        ambiguous > 0 ? ` ${ambiguous} of them could not be imported again under the same name.` : '';
      const forPeople = `✓ ${id}: ${files} files in ${directory}.${hint}\n${ONE_OF_THE_TWO}`;
      call.print(forPeople, { sessionId: id, directory, files, ambiguous, warning: ONE_OF_THE_TWO });
    } finally {
      await opened.chain.close();
    }
  },
};
