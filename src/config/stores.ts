import { resolve } from 'node:path';
import type { MongoConfig, TidbConfig } from './databases.ts';
import type { Environment } from './environment.ts';
import { wordList } from './forms.ts';

/** One store of the chain, as configured. The name is its word in STORES, and its name in the API. */
export type StoreConfig =
  | { readonly kind: 'file'; readonly name: string; readonly directory: string }
  | ({ readonly kind: 'mongo'; readonly name: string } & MongoConfig)
  | ({ readonly kind: 'tidb'; readonly name: string } & TidbConfig);

/** What the words of STORES can stand for. */
export interface StoreSettings {
  readonly authDirectory: string;
  readonly mongo: MongoConfig | undefined;
  readonly tidb: TidbConfig | undefined;
}

/** The chain, in order: file, then what is configured, where STORES says nothing. */
export function readStores(env: Environment, settings: StoreSettings): readonly StoreConfig[] {
  const configured = ['file', ...(settings.mongo ? ['mongo'] : []), ...(settings.tidb ? ['tidb'] : [])];
  const words = env.read('STORES', wordList.default(configured)) ?? [];
  const stores = words.flatMap(word => {
    const store = parseStore(word, settings);
    if (typeof store !== 'string') return [store];
    env.refuse('STORES', store);
    return [];
  });
  const places = stores.map(store => (store.kind === 'file' ? resolve(store.directory) : store.kind));
  if (new Set(places).size < places.length) env.refuse('STORES', 'names the same store twice');
  if (words.length > 0 && stores.length === words.length && !stores.some(({ kind }) => kind === 'file')) {
    env.refuse(
      'STORES',
      'needs a file store: its lock keeps a second process from running under the same name',
    );
  }
  return stores;
}

/** The store that a word of STORES stands for, or what is wrong with the word. */
function parseStore(word: string, { authDirectory, mongo, tidb }: StoreSettings): StoreConfig | string {
  if (word === 'file') return { kind: 'file', name: word, directory: authDirectory };
  if (word.startsWith('file:')) {
    const directory = word.slice('file:'.length);
    return directory === '' ? '`file:` needs a directory' : { kind: 'file', name: word, directory };
  }
  if (word === 'mongo')
    return mongo ? { kind: word, name: word, ...mongo } : 'names mongo without MONGODB_URI';
  if (word === 'tidb') return tidb ? { kind: word, name: word, ...tidb } : 'names tidb without TIDB_HOST';
  return 'must be a list of file, file:DIR, mongo, tidb';
}

/** Names of the stores that a write waits for. The first is always one of them: changes go through it. */
export function readAwaitedStores(env: Environment, stores: readonly StoreConfig[]): readonly string[] {
  const words = env.read('WRITE_ACK', wordList.default(['first'])) ?? [];
  const names = stores.map(store => store.name);
  if (words.length === 1 && words[0] === 'all') return names;
  const first = names.slice(0, 1);
  if (words.length === 1 && words[0] === 'first') return first;
  if (words.some(word => !names.includes(word))) {
    env.refuse('WRITE_ACK', 'must be first, all, or names of stores from STORES');
  }
  return [...new Set([...first, ...words])];
}
