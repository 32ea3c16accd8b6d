import type { CopyHead, LoadedSession } from '../../core/store.ts';
import type { StoreLife } from '../../core/store-life.ts';
import { readableCopy } from './change-writer.ts';
import { IDS_PAGE_ROWS, readHeadRow, readIds, readNamed } from './copy-reader.ts';
import { streamEntries } from './session-stream.ts';
import type { SessionWords } from './session-words.ts';
import type { Snapshots } from './snapshots.ts';
import type { SqlServer } from './sql-server.ts';

export interface ReaderParts {
  readonly server: SqlServer;
  /** Of its own, so that readers that pause leave the writers their connections. */
  readonly snapshotServer: SqlServer;
  readonly snapshots: Snapshots;
  readonly words: SessionWords;
  readonly life: StoreLife;
}

const NAMES_A_READ = 500;

export async function readHead(
  { server, words }: ReaderParts,
  sessionId: string,
): Promise<CopyHead | undefined> {
  const sid = words.idOf(sessionId);
  const row = await server.run(connection => readHeadRow(connection, sid));
  return readableCopy(row, sessionId, words)?.head;
}

export async function loadEntries(
  { server, words }: ReaderParts,
  sessionId: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const sid = words.idOf(sessionId);
  const wanted = [...new Set(names)].map(name => words.nameOf(sessionId, name));
  const found = new Map<string, Uint8Array>();
  for (let start = 0; start < wanted.length; start += NAMES_A_READ) {
    const some = wanted.slice(start, start + NAMES_A_READ);
    const { head, values } = await words.tellingDamage(sessionId, () =>
      server.run(connection => readNamed(connection, sid, some)),
    );
    readableCopy(head, sessionId, words);
    for (const [name, value] of values) found.set(name, value);
  }
  return found;
}

export function loadSession(parts: ReaderParts, sessionId: string): Promise<LoadedSession | undefined> {
  const { snapshotServer, snapshots, words, life } = parts;
  const sid = words.idOf(sessionId);
  const translated = <T>(task: () => Promise<T>) =>
    words.tellingDamage(sessionId, () =>
      snapshotServer.translating(task).catch(error => {
        // A store that closes takes the connection away from under its readers.
        life.checkNotClosed();
        throw error;
      }),
    );
  return translated(() =>
    snapshotServer.hand(async connection => {
      const snapshot = await snapshots.open(connection);
      try {
        const copy = readableCopy(await readHeadRow(connection, sid), sessionId, words);
        if (!copy) {
          await snapshot.release();
          return undefined;
        }
        const plan = { sid, generation: copy.generation, checkOpen: life.checkNotClosed, translated };
        return { head: copy.head, entries: await streamEntries(snapshot, plan) };
      } catch (error) {
        await snapshot.release();
        throw error;
      }
    }),
  );
}

export async function* listSessions({ server, life }: ReaderParts): AsyncGenerator<readonly string[]> {
  let after: Buffer | undefined;
  do {
    const from = after;
    const ids = await life.call(() => server.run(connection => readIds(connection, from)));
    yield ids.map(sid => sid.toString());
    after = ids.length < IDS_PAGE_ROWS ? undefined : ids.at(-1);
  } while (after);
}
