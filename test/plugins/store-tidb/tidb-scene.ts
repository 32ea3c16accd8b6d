import { afterEach, beforeEach } from 'vitest';
import type { SessionStore } from '../../../src/core/store.ts';
import { openTidbStore, type TidbStoreOptions } from '../../../src/plugins/store-tidb/index.ts';
import type { SqlService } from '../../support/sql-services.ts';
import { dropDatabase, newDatabase, optionsFor } from './tidb-store-subject.ts';

export interface TidbScene {
  readonly database: string;
  /** Another client of the same database; closed after the test. */
  open(rest?: Partial<TidbStoreOptions>): Promise<SessionStore>;
}

/** A database of its own for every test of the block. */
export function useTidbScene(service: SqlService): TidbScene {
  let database = '';
  let stores: SessionStore[] = [];
  beforeEach(() => {
    database = newDatabase();
  });
  afterEach(async () => {
    await Promise.all(stores.map(store => store.close()));
    stores = [];
    await dropDatabase(service, database);
  });
  return {
    get database() {
      return database;
    },
    async open(rest = {}) {
      const store = await openTidbStore({ ...optionsFor(service, database), ...rest });
      stores.push(store);
      return store;
    },
  };
}
