import { expect, it, onTestFinished } from 'vitest';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { changeOf, codeOf, headAt, valuesOf } from '../../contract/sample-changes.ts';
import { createPowerLossDisk, whyNoPowerLoss } from '../../support/power-loss-disk.ts';

const obstacle = whyNoPowerLoss();
const FIRST = headAt(1, 1);
const SECOND = headAt(1, 2);
const first = (sessionId: string) => changeOf(sessionId, headAt(0, 0), FIRST, { text: sessionId });
const second = (sessionId: string) => changeOf(sessionId, FIRST, SECOND, { text: 'never' });

it.skipIf(obstacle)(
  `a disk that becomes read-only is read from and takes nothing${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  async () => {
    const disk = await createPowerLossDisk();
    onTestFinished(() => disk.remove());
    const open = () => openFileStore({ name: 'file', directory: disk.folder, openFilesLimit: 1 });
    const store = await open();
    onTestFinished(() => store.close());
    for (const id of ['closed', 'open']) await store.applyChange(first(id));
    await disk.becomeReadOnly();
    for (const id of ['closed', 'open', 'closed']) {
      expect(await valuesOf(store, id)).toEqual({ text: id });
      await expect(store.applyChange(second(id))).rejects.toThrow('EROFS');
      expect(await codeOf(store.applyChange(second(id)))).toBe('STORE_UNREADABLE');
    }
    await expect(store.applyChange(first('new'))).rejects.toThrow('EROFS');
    expect(await store.readHead('new')).toBeUndefined();
    await store.close();

    await disk.restorePower();
    const again = await open();
    onTestFinished(() => again.close());
    for (const id of ['closed', 'open']) expect(await valuesOf(again, id)).toEqual({ text: id });
    await again.applyChange(second('closed'));
    await again.close();
  },
);
