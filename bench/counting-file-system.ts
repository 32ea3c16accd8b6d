import type { FileSystem, OpenFile } from '../src/plugins/store-file/file-system.ts';
import { nodeFileSystem } from '../src/plugins/store-file/node-file-system.ts';

/** The real file system, counting the calls that wait for the disk. */
export function createCountingFileSystem(): { readonly fs: FileSystem; syncs(): number } {
  let count = 0;

  const counted = (file: OpenFile): OpenFile => ({
    ...file,
    writeThrough(source, position) {
      count += 1;
      return file.writeThrough(source, position);
    },
    sync() {
      count += 1;
      return file.sync();
    },
  });
  const fs: FileSystem = {
    ...nodeFileSystem,
    syncFolder(path) {
      count += 1;
      return nodeFileSystem.syncFolder(path);
    },
    createFile: async path => counted(await nodeFileSystem.createFile(path)),
    async openFile(path) {
      const file = await nodeFileSystem.openFile(path);
      return file && counted(file);
    },
  };
  return { fs, syncs: () => count };
}
