import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { scanLog } from '../../../src/plugins/store-file/log-scan.ts';
import { changeOf, codeOf, headAt, listed, valuesOf } from '../../contract/sample-changes.ts';
import { bufferFile } from './buffer-file.ts';
import { framesOf, ID, useLogOfThree, VALUES } from './log-of-three.ts';

describe('a log that a crash cut off', () => {
  const three = useLogOfThree();

  it('law 3: is cut back to the last whole change wherever its last frame breaks off', async () => {
    const bytes = await readFile(three.log);
    const [lastStart = 0, end = 0] = framesOf(bytes).slice(-2);
    for (let length = lastStart; length < end; length += 1) {
      const content = await scanLog(bufferFile(bytes.subarray(0, length)), ID);
      expect(content).toMatchObject({ damage: undefined, head: headAt(1, 2), endBytes: lastStart });
    }
  });

  it('goes on behind the last whole change', async () => {
    const bytes = await readFile(three.log);
    const [lastStart = 0, end = 0] = framesOf(bytes).slice(-2);
    for (let length = lastStart; length < end; length += 37) {
      await three.reopenWith(bytes.subarray(0, length));
      expect(await valuesOf(three.store, ID)).toEqual(VALUES[1]);
      await three.store.applyChange(changeOf(ID, headAt(1, 2), headAt(3, 3), { creds: 'again' }));
      await three.store.close();
      expect((await readFile(three.log)).indexOf(bytes.subarray(0, lastStart))).toBe(0);
      expect(await valuesOf(await three.open(), ID)).toEqual({ ...VALUES[1], creds: 'again' });
    }
  });

  it('is cut back where its tail is zeros, or garbage, of any length', async () => {
    const bytes = await readFile(three.log);
    const [lastStart = 0, end = 0] = framesOf(bytes).slice(-2);
    const garbage = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 97) & 0xff));
    for (const tail of [Buffer.alloc(1), Buffer.alloc(5000), garbage, Buffer.alloc(3 << 20, 7)]) {
      await three.reopenWith(Buffer.concat([bytes, tail]));
      expect(await valuesOf(three.store, ID)).toEqual(VALUES[2]);
    }
    await three.reopenWith(Buffer.concat([bytes.subarray(0, lastStart), Buffer.alloc(end)]));
    expect(await valuesOf(three.store, ID)).toEqual(VALUES[1]);
    await three.store.applyChange(changeOf(ID, headAt(1, 2), headAt(1, 3), { creds: 'three' }));
    const after = await readFile(three.log);
    expect(framesOf(after).slice(-2)).toEqual([lastStart, after.length]);
  });

  it('is damaged where it breaks off in its snapshot, also where nothing is left of it', async () => {
    const bytes = await readFile(three.log);
    const [, , , snapshotEnd = 0] = framesOf(bytes);
    for (let length = 0; length < snapshotEnd; length += 1) {
      const content = await scanLog(bufferFile(bytes.subarray(0, length)), ID);
      expect(content.damage).toBeDefined();
    }
    await three.reopenWith(Buffer.alloc(0));
    expect(await codeOf(three.store.readHead(ID))).toBe('SESSION_CORRUPT');
    expect(await listed(three.store)).toEqual([ID]);
  });
});
