import { copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../../src/core/store.ts';
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
import { alterFile, logOf, sessionFolder } from './file-store-subject.ts';
import { framesOf, ID, useLogOfThree, VALUES } from './log-of-three.ts';

describe('the log of a session', () => {
  const three = useLogOfThree();

  it('never says anything wrong, whichever byte is altered', async () => {
    const bytes = await readFile(three.log);
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
    const bytes = await readFile(three.log);
    const [first = 0, second = 0] = framesOf(bytes).slice(-3);
    bytes.fill(0xff, second - 1, second + 1);
    expect(await scanLog(bufferFile(bytes), ID)).toMatchObject({
      damage: expect.stringContaining(`byte ${first} `),
    });
  });

  it('never reads back what was never written, whatever happens to the file', async () => {
    const bytes = await readFile(three.log);
    const alteration = fc.record({
      at: fc.nat(bytes.length - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    const run = fc.asyncProperty(fc.array(alteration, { minLength: 1, maxLength: 3 }), async alterations => {
      const altered = Buffer.from(bytes);
      for (const { at, bytes: written } of alterations)
        altered.set(written.subarray(0, bytes.length - at), at);
      await three.reopenWith(altered);
      const found = await valuesOf(three.store, ID).catch(error => error.code);
      expect(['SESSION_CORRUPT', ...VALUES]).toContainEqual(found);
    });
    await fc.assert(run, { numRuns: 100 });
  });

  it('is damaged where a byte changes while it is open, and stays so', async () => {
    await alterFile(three.log, bytes => bytes.fill(0, bytes.indexOf('three'), bytes.indexOf('three') + 1));
    expect(await codeOf(three.store.loadEntries(ID, ['creds']))).toBe('SESSION_CORRUPT');
    expect(await codeOf(three.store.readHead(ID))).toBe('SESSION_CORRUPT');
  });

  it('is kept as it is when a replacement sets it aside, each time under another name', async () => {
    for (const round of [1, 2]) {
      await three.store.close();
      await alterFile(three.log, bytes => bytes.fill(0xff, 100, 101));
      const evidence = await readFile(three.log);
      await three.open();
      await three.store.replaceSession(replacementOf(ID, headAt(4, round), { creds: `restored ${round}` }));
      expect(await valuesOf(three.store, ID)).toEqual({ creds: `restored ${round}` });
      expect(await readFile(join(sessionFolder(three.directory, ID), `log.corrupt-${round}`))).toEqual(
        evidence,
      );
    }
  });

  it('keeps the fence of the frames that are intact, and can be leased while it is damaged', async () => {
    await three.store.close();
    await alterFile(three.log, bytes => bytes.fill(0xff, 100, 101));
    await three.open();
    const lease = await three.store.leases?.acquireLease({ sessionId: ID, holder: 'one', above: 0 });
    expect(lease?.epoch).toBe(4);
    expect(await codeOf(three.store.readHead(ID))).toBe('SESSION_CORRUPT');
    await three.store.close();
    await three.open();
    expect(await codeOf(three.store.readHead(ID))).toBe('SESSION_CORRUPT');
    const replace = (fence: number) =>
      three.store.replaceSession(replacementOf(ID, headAt(1, 2), { creds: 'r' }, { fence }));
    expect(await codeOf(replace(3))).toBe('STORE_FENCED');
    await replace(4);
    expect((await stateOf(three.store, ID))?.head).toMatchObject({ ...headAt(1, 2), fence: 4 });
  });

  it('is not absent where a crash came between setting it aside and replacing it', async () => {
    await three.store.close();
    await copyFile(three.log, join(sessionFolder(three.directory, ID), 'log.corrupt-1'));
    await rm(three.log);
    await three.open();
    expect(await codeOf(three.store.readHead(ID))).toBe('SESSION_CORRUPT');
    expect(await listed(three.store)).toEqual([ID]);
  });

  it('is not read by a version that does not know its format, and not taken for damaged', async () => {
    const later = encodeFrame({ kind: 'snapshot', format: 2, sessionId: ID, damaged: false, fence: 0 }).bytes;
    await three.reopenWith(Buffer.concat([FILE_MAGIC, later]));
    await expect(three.store.readHead(ID)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
    expect(await codeOf(three.store.replaceSession(replacementOf(ID, headAt(9, 9), {})))).toBe(
      'STORE_UNREADABLE',
    );
  });

  it('is not believed in the folder of another session', async () => {
    await three.store.applyChange(changeOf('other', ORIGIN, headAt(1, 1), { creds: 'o' }));
    await three.store.close();
    await copyFile(three.log, logOf(three.directory, 'other'));
    await three.open();
    expect(await codeOf(three.store.readHead('other'))).toBe('SESSION_CORRUPT');
  });

  it('is damaged, not absent, where it is cut off or removed while it is open', async () => {
    await truncate(three.log, 30);
    expect(await codeOf(three.store.loadEntries(ID, ['creds']))).toBe('SESSION_CORRUPT');
  });

  it('leaves nothing behind of attempts that a crash ended', async () => {
    await three.store.close();
    const folder = sessionFolder(three.directory, ID);
    await writeFile(join(folder, 'log.tmp-7'), 'half a log');
    await three.open();
    expect(await valuesOf(three.store, ID)).toEqual(VALUES[2]);
    expect(await readdir(folder)).toEqual(['log']);
  });
});
