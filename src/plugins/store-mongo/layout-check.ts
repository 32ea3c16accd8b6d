import type { Db } from 'mongodb';
import { StoreError } from '../../core/errors.ts';

export const LAYOUT_VERSION = 1;
const META = 'sessiongraph_meta';

/** Whether this program may touch what is in the database: asked once, and again after a failure. */
export interface LayoutCheck {
  beforeRead(): Promise<void>;
  /** Also says whose layout it is, where nothing was written yet. */
  beforeWrite(): Promise<void>;
  probe(): Promise<void>;
  forget(): void;
}

export function createLayoutCheck(store: string, db: Db): LayoutCheck {
  const meta = db.collection<{ _id: string; version: unknown }>(META);
  let reading: Promise<boolean> | undefined;
  let writing: Promise<void> | undefined;

  async function isWritten(): Promise<boolean> {
    const found = await meta.findOne({ _id: 'layout' });
    if (!found || found.version === LAYOUT_VERSION) return found !== null;
    const why = `its database has layout ${found.version}, and this program knows layout ${LAYOUT_VERSION}`;
    throw new StoreError('STORE_UNAVAILABLE', store, `${why}; use the version that wrote it, or a newer one`);
  }
  async function write(): Promise<void> {
    if (await isWritten()) return;
    await meta.insertOne({ _id: 'layout', version: LAYOUT_VERSION }).catch(async error => {
      if (error.code !== 11000) throw error;
      await isWritten();
    });
  }
  const forget = () => {
    reading = undefined;
    writing = undefined;
  };
  return {
    forget,
    async beforeRead() {
      reading ??= isWritten();
      await reading;
    },
    beforeWrite() {
      writing ??= write();
      return writing;
    },
    async probe() {
      await isWritten();
    },
  };
}
