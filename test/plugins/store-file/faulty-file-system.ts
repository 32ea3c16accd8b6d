import type { FileSystem, OpenFile } from '../../../src/plugins/store-file/file-system.ts';
import { nodeFileSystem } from '../../../src/plugins/store-file/node-file-system.ts';

export type Operation = keyof FileSystem | keyof OpenFile;

export interface FaultyFileSystem {
  readonly fs: FileSystem;
  /** Every operation so far, as `operation path`. */
  readonly calls: string[];
  /** Decides before each operation whether it fails, and as what; its number counts from 0. */
  failWhen(judge: (operation: Operation, number: number, path: string) => string | undefined): void;
  /** From now on no write takes more than so many bytes at once. */
  writeAtMost(bytes: number): void;
  openFiles(): number;
}

export const failed = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

/**
 * The real file system with faults. It also holds the store to the rule that a file whose sync failed is never written
 * or synced again, since the system reports the loss only once.
 */
export function createFaultyFileSystem(): FaultyFileSystem {
  const calls: string[] = [];
  let judge: Parameters<FaultyFileSystem['failWhen']>[0] = () => undefined;
  let largestWrite = Number.POSITIVE_INFINITY;
  let openFiles = 0;

  const check = (operation: Operation, path: string) => {
    const number = calls.push(`${operation} ${path.split('/').at(-1)}`) - 1;
    const code = judge(operation, number, path);
    if (code) throw failed(code);
  };
  const openFile = (file: OpenFile, path: string): OpenFile => {
    let lost = false;
    openFiles += 1;
    const checkTrusted = (operation: Operation) => {
      if (lost) throw new Error(`${operation} of a file whose sync has failed`);
    };
    const write = async (source: Uint8Array, position: number) => {
      checkTrusted('write');
      check('write', path);
      return file.write(source.subarray(0, largestWrite), position);
    };
    const sync = async () => {
      checkTrusted('sync');
      try {
        check('sync', path);
      } catch (error) {
        lost = true;
        throw error;
      }
      return file.sync();
    };
    return {
      read: async (target, position) => {
        check('read', path);
        return file.read(target, position);
      },
      write,
      // In two steps, so that each can fail: what it says of the first holds for the second as well.
      async writeThrough(source, position) {
        const written = await write(source, position);
        await sync();
        return written;
      },
      truncate: async sizeBytes => {
        check('truncate', path);
        return file.truncate(sizeBytes);
      },
      sync,
      sizeBytes: async () => {
        check('sizeBytes', path);
        return file.sizeBytes();
      },
      close: async () => {
        openFiles -= 1;
        await file.close();
        check('close', path);
      },
    };
  };
  const fs: FileSystem = {
    async makeFolder(path) {
      check('makeFolder', path);
      return nodeFileSystem.makeFolder(path);
    },
    async listFolder(path) {
      check('listFolder', path);
      return nodeFileSystem.listFolder(path);
    },
    async syncFolder(path) {
      check('syncFolder', path);
      return nodeFileSystem.syncFolder(path);
    },
    async createFile(path) {
      check('createFile', path);
      return openFile(await nodeFileSystem.createFile(path), path);
    },
    async openFile(path) {
      check('openFile', path);
      const file = await nodeFileSystem.openFile(path);
      return file && openFile(file, path);
    },
    async renameFile(from, to) {
      check('renameFile', from);
      return nodeFileSystem.renameFile(from, to);
    },
    async removeFile(path) {
      check('removeFile', path);
      return nodeFileSystem.removeFile(path);
    },
  };
  return {
    fs,
    calls,
    failWhen: next => {
      judge = next;
    },
    writeAtMost: bytes => {
      largestWrite = bytes;
    },
    openFiles: () => openFiles,
  };
}
