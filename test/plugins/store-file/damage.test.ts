import { copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { encodeFrame, FILE_MAGIC } from '../../../src/plugins/store-file/log-frames.ts';
import { scanLog } from '../../../src/plugins/store-file/log-scan.ts';
import {
  changeOf,
  codeOf,
  headAt,
  listed,
  replacementOf,
  stateOf,
  valuesOf,
} from '../../contract/sample-changes.ts';
import { bufferFile } from './buffer-file.ts';
import { alterFile, logOf, newDirectory, sessionFolder } from './file-store-subject.ts';

const ID = 'personal';
const VALUES = [
  { creds: 'one', key: 'k'.repeat(40) },
  { creds: 'two', key: 'k'.repeat(40), more: 'm' },
  { creds: 'three', more: 'm' },
];

describe('the log of a session', () => {
  let directory: string;
  let store: SessionStore;
  let log: string;
  const open = async () => {
    store = await openFileStore({ name: 'file', directory });
    return store;
  };
  const reopenWith = async (bytes: Uint8Array) => {
    await store.close();
    await writeFile(log, bytes);
    return open();
  };
  beforeEach(async () => {
    directory = await newDirectory();
    log = logOf(directory, ID);
    await open();
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'one', key: 'k'.repeat(40) }));
    await store.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'two', more: 'm' }));
    await store.applyChange(changeOf(ID, headAt(1, 2), headAt(3, 3), { creds: 'three', key: undefined }));
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Where each frame begins, and the end. */
  const framesOf = (bytes: Buffer): number[] => {
    const starts: number[] = [];
    for (let at = FILE_MAGIC.length; at < bytes.length; at += 12 + bytes.readUInt32LE(at + 4))
      starts.push(at);
    return [...starts, bytes.length];
  };

  it('is cut back to the last whole change wherever its last frame breaks off', async () => {
    const bytes = await readFile(log);
    const [lastStart = 0, end = 0] = framesOf(bytes).slice(-2);
    for (let length = lastStart; length < end; length += 1) {
      const content = await scanLog(bufferFile(bytes.subarray(0, length)), ID);
      expect(content).toMatchObject({ damage: undefined, head: headAt(1, 2), endBytes: lastStart });
    }
  });

  it('goes on behind the last whole change', async () => {
    const bytes = await readFile(log);
    const [lastStart = 0, end = 0] = framesOf(bytes).slice(-2);
    for (let length = lastStart; length < end; length += 37) {
      await reopenWith(bytes.subarray(0, length));
      expect(await valuesOf(store, ID)).toEqual(VALUES[1]);
      await store.applyChange(changeOf(ID, headAt(1, 2), headAt(3, 3), { creds: 'again' }));
      await store.close();
      expect((await readFile(log)).indexOf(bytes.subarray(0, lastStart))).toBe(0);
      expect(await valuesOf(await open(), ID)).toEqual({ ...VALUES[1], creds: 'again' });
    }
  });

  it('is cut back where its tail is zeros, or garbage, of any length', async () => {
    const bytes = await readFile(log);
    const [lastStart = 0, end = 0] = framesOf(bytes).slice(-2);
    const garbage = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 97) & 0xff));
    for (const tail of [Buffer.alloc(1), Buffer.alloc(5000), garbage, Buffer.alloc(3 << 20, 7)]) {
      await reopenWith(Buffer.concat([bytes, tail]));
      expect(await valuesOf(store, ID)).toEqual(VALUES[2]);
    }
    await reopenWith(Buffer.concat([bytes.subarray(0, lastStart), Buffer.alloc(end)]));
    expect(await valuesOf(store, ID)).toEqual(VALUES[1]);
    await store.applyChange(changeOf(ID, headAt(1, 2), headAt(1, 3), { creds: 'three' }));
    const after = await readFile(log);
    expect(framesOf(after).slice(-2)).toEqual([lastStart, after.length]);
  });

  it('is damaged where it breaks off in its snapshot, also where nothing is left of it', async () => {
    const bytes = await readFile(log);
    const [, , , snapshotEnd = 0] = framesOf(bytes);
    for (let length = 0; length < snapshotEnd; length += 1) {
      const content = await scanLog(bufferFile(bytes.subarray(0, length)), ID);
      expect(content.damage).toBeDefined();
    }
    await reopenWith(Buffer.alloc(0));
    expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
    expect(await listed(store)).toEqual([ID]);
  });

  it('never says anything wrong, whichever byte is altered', async () => {
    const bytes = await readFile(log);
    const lastStart = framesOf(bytes).at(-2) ?? 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      const { damage, head } = await scanLog(bufferFile(altered), ID);
      // In the last frame it may look like a write that was cut off.
      if (at < lastStart) expect(damage).toBeDefined();
      else expect(damage ?? head?.revision).toSatisfy(found => typeof found === 'string' || found === 2);
    }
  });

  it('is damaged where two frames in a row are: a crash cuts off one', async () => {
    const bytes = await readFile(log);
    const [first = 0, second = 0] = framesOf(bytes).slice(-3);
    bytes.fill(0xff, second - 1, second + 1);
    expect(await scanLog(bufferFile(bytes), ID)).toMatchObject({
      damage: expect.stringContaining(`byte ${first} `),
    });
  });

  it('never reads back what was never written, whatever happens to the file', async () => {
    const bytes = await readFile(log);
    const alteration = fc.record({
      at: fc.nat(bytes.length - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    const run = fc.asyncProperty(fc.array(alteration, { minLength: 1, maxLength: 3 }), async alterations => {
      const altered = Buffer.from(bytes);
      for (const { at, bytes: written } of alterations)
        altered.set(written.subarray(0, bytes.length - at), at);
      await reopenWith(altered);
      const found = await valuesOf(store, ID).catch(error => error.code);
      expect(['SESSION_CORRUPT', ...VALUES]).toContainEqual(found);
    });
    await fc.assert(run, { numRuns: 100 });
  });

  it('is damaged where a byte changes while it is open, and stays so', async () => {
    await alterFile(log, bytes => bytes.fill(0, bytes.indexOf('three'), bytes.indexOf('three') + 1));
    expect(await codeOf(store.loadEntries(ID, ['creds']))).toBe('SESSION_CORRUPT');
    expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
  });

  it('is kept as it is when a replacement sets it aside, each time under another name', async () => {
    for (const round of [1, 2]) {
      await store.close();
      await alterFile(log, bytes => bytes.fill(0xff, 100, 101));
      const evidence = await readFile(log);
      await open();
      await store.replaceSession(replacementOf(ID, headAt(4, round), { creds: `restored ${round}` }));
      expect(await valuesOf(store, ID)).toEqual({ creds: `restored ${round}` });
      expect(await readFile(join(sessionFolder(directory, ID), `log.corrupt-${round}`))).toEqual(evidence);
    }
  });

  it('keeps the fence of the frames that are intact, and can be leased while it is damaged', async () => {
    await store.close();
    await alterFile(log, bytes => bytes.fill(0xff, 100, 101));
    await open();
    const lease = await store.leases?.acquireLease({ sessionId: ID, holder: 'one', above: 0 });
    expect(lease?.epoch).toBe(4);
    expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
    await store.close();
    await open();
    expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
    const replace = (fence: number) =>
      store.replaceSession(replacementOf(ID, headAt(1, 2), { creds: 'r' }, { fence }));
    expect(await codeOf(replace(3))).toBe('STORE_FENCED');
    await replace(4);
    expect((await stateOf(store, ID))?.head).toMatchObject({ ...headAt(1, 2), fence: 4 });
  });

  it('is not absent where a crash came between setting it aside and replacing it', async () => {
    await store.close();
    await copyFile(log, join(sessionFolder(directory, ID), 'log.corrupt-1'));
    await rm(log);
    await open();
    expect(await codeOf(store.readHead(ID))).toBe('SESSION_CORRUPT');
    expect(await listed(store)).toEqual([ID]);
  });

  it('is not read by a version that does not know its format, and not taken for damaged', async () => {
    const later = encodeFrame({ kind: 'snapshot', format: 2, sessionId: ID, damaged: false, fence: 0 }).bytes;
    await reopenWith(Buffer.concat([FILE_MAGIC, later]));
    await expect(store.readHead(ID)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
    expect(await codeOf(store.replaceSession(replacementOf(ID, headAt(9, 9), {})))).toBe('STORE_UNREADABLE');
  });

  it('is not believed in the folder of another session', async () => {
    await store.applyChange(changeOf('other', ORIGIN, headAt(1, 1), { creds: 'o' }));
    await store.close();
    await copyFile(log, logOf(directory, 'other'));
    await open();
    expect(await codeOf(store.readHead('other'))).toBe('SESSION_CORRUPT');
  });

  it('is damaged, not absent, where it is cut off or removed while it is open', async () => {
    await truncate(log, 30);
    expect(await codeOf(store.loadEntries(ID, ['creds']))).toBe('SESSION_CORRUPT');
  });

  it('leaves nothing behind of attempts that a crash ended', async () => {
    await store.close();
    const folder = sessionFolder(directory, ID);
    await writeFile(join(folder, 'log.tmp-7'), 'half a log');
    await open();
    expect(await valuesOf(store, ID)).toEqual(VALUES[2]);
    expect(await readdir(folder)).toEqual(['log']);
  });
});
