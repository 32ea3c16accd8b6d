import type { FileSystem, OpenFile } from './file-system.ts';
import { LogDamage } from './log-frames.ts';

/** A file that is closed while nobody uses it and too many are open, and opened again when somebody does. */
export interface CachedFile {
  /** The file stays open, and stays this very file, until `release`; also where its name is given to another. */
  hold(): Promise<HeldFile>;
  /** From now on the name may mean another file: never opened by it again. */
  keepOpen(): void;
  /** No longer needed: closed when nobody holds it. */
  retire(): Promise<void>;
}

export interface HeldFile {
  readonly file: OpenFile;
  /** Harmless when repeated. */
  release(): Promise<void>;
}

export interface OpenFiles {
  /** `file` is open already and belongs to this cache from now on. */
  adopt(path: string, file: OpenFile): Promise<CachedFile>;
  /** Closes all of them, held or not. */
  close(): Promise<void>;
}

interface Slot {
  file: OpenFile | undefined;
  users: number;
  use: 'current' | 'pinned' | 'retired';
}

export function createOpenFiles(fs: FileSystem, limit: number): OpenFiles {
  /** In the order of their last use. */
  const open = new Set<Slot>();

  // The data was synced before anybody was told of it, so there is nothing left for a failing close to lose.
  const closeSlot = async (slot: Slot) => {
    const { file } = slot;
    slot.file = undefined;
    open.delete(slot);
    await file?.close().catch(() => undefined);
  };
  const trim = async () => {
    for (const slot of open) {
      if (open.size <= limit) return;
      if (slot.users === 0 && slot.use === 'current') await closeSlot(slot);
    }
  };
  const releaseOnce = (slot: Slot) => {
    let released = false;
    return async () => {
      if (released) return;
      released = true;
      slot.users -= 1;
      if (slot.users > 0) return;
      // It may be written again by the time somebody wants to.
      const isPassing = slot.file?.isReadOnly && slot.use === 'current';
      if (isPassing || slot.use === 'retired') await closeSlot(slot);
    };
  };

  return {
    async adopt(path, file) {
      const slot: Slot = { file, users: 0, use: 'current' };
      open.add(slot);
      await trim();
      return {
        async hold() {
          slot.users += 1;
          const release = releaseOnce(slot);
          try {
            slot.file ??= await fs.openFile(path);
            if (!slot.file) throw new LogDamage('its log is gone');
          } catch (error) {
            await release();
            throw error;
          }
          open.delete(slot);
          open.add(slot);
          await trim();
          return { file: slot.file, release };
        },
        keepOpen() {
          slot.use = 'pinned';
        },
        async retire() {
          slot.use = 'retired';
          if (slot.users === 0) await closeSlot(slot);
        },
      };
    },
    async close() {
      await Promise.all([...open].map(closeSlot));
    },
  };
}
