/**
 * The few file operations the store is built from, as an argument, so that tests can make each of them fail.
 * They reject with what the operating system said; `file-errors.ts` turns that into the store's own answer.
 */
export interface FileSystem {
  /** Makes a folder that only its owner can enter, where it is missing. Refuses a link or a file of that name. */
  makeFolder(path: string): Promise<void>;
  /** The names in a folder; undefined where there is none. Refuses a link to a folder. */
  listFolder(path: string): Promise<readonly string[] | undefined>;
  /** Makes the names in a folder as durable as its files are. */
  syncFolder(path: string): Promise<void>;
  /** A new, empty file that only its owner can read. */
  createFile(path: string): Promise<OpenFile>;
  /** An existing file; undefined where there is none. Refuses a link. */
  openFile(path: string): Promise<OpenFile | undefined>;
  /** Takes the place of whatever has the new name, in one step. */
  renameFile(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
}

export interface OpenFile {
  /** The disk took no more when it was opened: nothing was written by it, and nothing can be. */
  readonly isReadOnly?: true;
  /** Fills `target` from `position`; the answer may be short, and is 0 at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** How many bytes of `source` were written: often all of them, at least one. */
  write(source: Uint8Array, position: number): Promise<number>;
  /** The same, and what was written is durable when it resolves; where it fails, as little is known as after `sync`. */
  writeThrough(source: Uint8Array, position: number): Promise<number>;
  truncate(sizeBytes: number): Promise<void>;
  /** Durable when it resolves. After a failure nothing is known of any write since the last success. */
  sync(): Promise<void>;
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

export async function readFully(file: OpenFile, target: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const read = await file.read(target.subarray(done), position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

export async function writeFully(file: OpenFile, source: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < source.length; ) done += await file.write(source.subarray(done), position + done);
}

export async function writeFullyThrough(file: OpenFile, source: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < source.length; )
    done += await file.writeThrough(source.subarray(done), position + done);
}
