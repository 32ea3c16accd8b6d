import type { DirectoryFacts, Facts } from './facts.ts';
import { type Check, type Finding, note, problem } from './finding.ts';

const LEAST_FREE_BYTES = 16 * 1024 * 1024;

/** The directories of the file stores. */
export const DISK_CHECKS: readonly Check[] = [
  {
    name: 'directories',
    find: ({ directories }) => directories.flatMap(judgeState),
  },
  {
    name: 'who may read them',
    find: ({ directories }) =>
      directories.flatMap(({ openToOthers }) =>
        openToOthers.map(path =>
          problem(
            'OPEN_TO_OTHERS',
            `${path} can be read by other users of this machine.`,
            `chmod -R go= ${path}`,
          ),
        ),
      ),
  },
  {
    name: 'who has them open',
    find: ({ directories, serverAnswers }) =>
      serverAnswers
        ? []
        : directories.flatMap(({ path, holder }) =>
            holder === undefined
              ? []
              : [
                  problem(
                    'DIRECTORY_LOCKED',
                    `${path} is in use by ${holder}, and no server answers where this one would listen.`,
                    'End that process, or give this server a WHATSAPP_AUTH_DIR of its own. The lock ends with the process; there is no file to remove.',
                  ),
                ],
          ),
  },
  { name: 'persistence', find: judgePersistence },
];

function judgeState({ path, state, freeBytes }: DirectoryFacts): Finding[] {
  switch (state) {
    case 'OK':
      return freeBytes >= LEAST_FREE_BYTES ? [] : [full(path)];
    case 'MISSING':
      return [
        note(
          'DIRECTORY_MISSING',
          `${path} is not there yet.`,
          'The first start makes it. If sessions should be in it, the path is wrong, or the volume is not mounted.',
        ),
      ];
    case 'ENOSPC':
    case 'EDQUOT':
      return [full(path)];
    case 'EROFS':
      return [
        problem(
          'DISK_READ_ONLY',
          `${path} is on a disk that is mounted read-only: nothing can be saved, so no session runs.`,
          'Mount it writable. A disk that became so by itself is failing: look at the log of the system.',
        ),
      ];
    case 'EACCES':
    case 'EPERM':
      return [
        problem(
          'DIRECTORY_DENIED',
          `${path} can not be written by the user that runs this.`,
          `Give it to that user: chown -R USER ${path}. In the container image that is the user 1000; on Railway, whose volumes belong to root, set RAILWAY_RUN_UID=0.`,
        ),
      ];
    default:
      return [
        problem(
          'DIRECTORY_UNUSABLE',
          `${path} can not be used (${state}).`,
          'It has to be a folder on a disk that works.',
        ),
      ];
  }
}

const full = (path: string): Finding =>
  problem(
    'DISK_FULL',
    `The disk of ${path} is full. Sessions stop rather than go on unsaved; what was saved is intact.`,
    'Make room, or move the folder to a larger disk. Sessions go on by themselves.',
  );

function judgePersistence({ directories, stores, runtime }: Facts): Finding[] {
  const lasting = stores.some(({ kind }) => kind !== 'file') || directories.some(({ isVolume }) => isVolume);
  if (directories.length === 0 || lasting) return [];
  if (runtime.container !== undefined) {
    const what = `This runs in a container (${runtime.container}), and every store is on its own disk: the next deployment loses all sessions.`;
    return [
      problem(
        'NOT_PERSISTENT',
        what,
        'Mount a volume and set WHATSAPP_AUTH_DIR to it, or add a database: MONGODB_URI or TIDB_HOST.',
      ),
    ];
  }
  if (stores.length !== 1) return [];
  return [
    note(
      'ONE_STORE',
      'There is one store: with its disk all sessions are lost.',
      'Add a second disk (STORES=file,file:DIR) or a database (MONGODB_URI, TIDB_HOST).',
    ),
  ];
}
