import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { holdsSession } from './log-recovery.ts';
import { sessionIdOf } from './session-folder.ts';

/**
 * The ids of the sessions in one directory. The disk is looked through once: the lock keeps everybody else out, so what
 * comes later comes by this store. Sessions only come: a deleted one leaves a tombstone.
 */
export interface SessionIds {
  list(): Promise<readonly string[]>;
  /** Runs what may make a session. Where it fails, the disk has to say whether it did. */
  whileWriting<T>(sessionId: string, write: () => Promise<T>): Promise<T>;
}

export function createSessionIds(fs: FileSystem, parent: string): SessionIds {
  const known = new Set<string>();
  let looking: Promise<string[]> | undefined;

  /** The ids of folders that can't be looked into: whoever reads such a session is told what is wrong with it. */
  async function look(): Promise<string[]> {
    const unreadable: string[] = [];
    for (const folder of (await fs.listFolder(parent)) ?? []) {
      const sessionId = sessionIdOf(folder);
      if (sessionId === undefined) continue;
      const names = await fs.listFolder(join(parent, folder)).catch(() => undefined);
      if (names === undefined) unreadable.push(sessionId);
      else if (holdsSession(names)) known.add(sessionId);
    }
    return unreadable;
  }

  return {
    async list() {
      looking ??= look();
      try {
        const unreadable = await looking;
        if (unreadable.length > 0) looking = undefined;
        return [...new Set([...known, ...unreadable])];
      } catch (error) {
        looking = undefined;
        throw error;
      }
    },

    async whileWriting(sessionId, write) {
      try {
        const answer = await write();
        known.add(sessionId);
        return answer;
      } catch (error) {
        if (!known.has(sessionId)) looking = undefined;
        throw error;
      }
    },
  };
}
