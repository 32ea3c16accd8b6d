import { resolve } from 'node:path';
import type { Environment } from './environment.ts';
import { wordList } from './forms.ts';

/** One store of the chain, as configured. */
export interface StoreConfig {
  readonly kind: 'file';
  /** Its word in STORES, which is its name in the API. */
  readonly name: string;
  readonly directory: string;
}

/** Kinds that the interface knows, by the variable that configures them; a plugin that exists moves to `parseStore`. */
const UNAVAILABLE: Readonly<Record<string, string>> = { mongo: 'MONGODB_URI', tidb: 'TIDB_HOST' };
const NOT_AVAILABLE = 'not available in this version';

/** The chain, in order. */
export function readStores(env: Environment, authDirectory: string): readonly StoreConfig[] {
  for (const [kind, variable] of Object.entries(UNAVAILABLE)) {
    // Ignoring it would leave somebody believing that a second copy exists.
    if (env.isSet(variable)) env.refuse(variable, `the store ${kind} is ${NOT_AVAILABLE}`);
  }
  const words = env.read('STORES', wordList.default(['file'])) ?? [];
  const stores = words.flatMap(word => {
    const store = parseStore(word, authDirectory);
    if (typeof store !== 'string') return [store];
    env.refuse('STORES', store);
    return [];
  });
  const places = stores.map(store => resolve(store.directory));
  if (new Set(places).size < places.length) env.refuse('STORES', 'names the same directory twice');
  return stores;
}

/** The store that a word of STORES stands for, or what is wrong with the word. */
function parseStore(word: string, authDirectory: string): StoreConfig | string {
  if (word === 'file') return { kind: 'file', name: word, directory: authDirectory };
  if (word.startsWith('file:')) {
    const directory = word.slice('file:'.length);
    return directory === '' ? '`file:` needs a directory' : { kind: 'file', name: word, directory };
  }
  if (word in UNAVAILABLE) return `the store ${word} is ${NOT_AVAILABLE}`;
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
