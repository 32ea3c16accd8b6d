import type { OpenFile } from '../../../src/plugins/store-file/file-system.ts';

/** A file in memory, for the code that reads logs. */
export function bufferFile(content: Uint8Array): OpenFile {
  let bytes = Buffer.from(content);
  async function write(source: Uint8Array, position: number): Promise<number> {
    const grown = Buffer.alloc(Math.max(bytes.length, position + source.length));
    grown.set(bytes);
    grown.set(source, position);
    bytes = grown;
    return source.length;
  }
  return {
    read: async (target, position) => bytes.copy(target, 0, position),
    write,
    writeThrough: write,
    truncate: async sizeBytes => {
      bytes = bytes.subarray(0, sizeBytes);
    },
    sync: async () => undefined,
    sizeBytes: async () => bytes.length,
    close: async () => undefined,
  };
}
