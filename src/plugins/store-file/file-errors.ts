import { relative } from 'node:path';
import { StoreError } from '../../core/errors.ts';
import type { FileSystem, OpenFile } from './file-system.ts';

/**
 * The same file system, whose failures are STORE_UNREADABLE and name the file. Where this wraps every operation, what
 * else passes through the store's code (a caller's iterator that throws) can not be taken for a failing disk.
 */
export function reportingErrors(fs: FileSystem, store: string, root: string): FileSystem {
  const reporting =
    <Args extends unknown[], T>(doing: string, path: string, operation: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      try {
        return await operation(...args);
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        // A log is opened under the name it is staged by, and soon has its own.
        const file = relative(root, path).replace(/\.tmp-\d+$/, '') || 'its folder';
        const what = `cannot ${doing} ${file}: ${code ?? message}`;
        throw new StoreError('STORE_UNREADABLE', store, what, { cause });
      }
    };
  const openFile = (path: string, file: OpenFile): OpenFile => ({
    ...(file.isReadOnly && { isReadOnly: true }),
    read: reporting('read', path, file.read),
    write: reporting('write', path, file.write),
    writeThrough: reporting('write', path, file.writeThrough),
    truncate: reporting('truncate', path, file.truncate),
    sync: reporting('sync', path, file.sync),
    sizeBytes: reporting('measure', path, file.sizeBytes),
    close: reporting('close', path, file.close),
  });
  return {
    makeFolder: path => reporting('make', path, fs.makeFolder)(path),
    listFolder: path => reporting('list', path, fs.listFolder)(path),
    syncFolder: path => reporting('sync', path, fs.syncFolder)(path),
    createFile: async path => openFile(path, await reporting('create', path, fs.createFile)(path)),
    openFile: async path => {
      const file = await reporting('open', path, fs.openFile)(path);
      return file && openFile(path, file);
    },
    renameFile: (from, to) => reporting('rename', from, fs.renameFile)(from, to),
    removeFile: path => reporting('remove', path, fs.removeFile)(path),
  };
}
