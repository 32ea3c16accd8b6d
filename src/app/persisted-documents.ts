import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { GraphQLError, parse, stripIgnoredCharacters } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** What a request may say to name its document, beside its text. */
export interface DocumentRequest {
  readonly query?: string | undefined;
  readonly documentId?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The text of the document that a request names, by its id or as a whole. Throws where it is none of ours. */
export type FindDocument = (request: DocumentRequest) => string;

/** The documents by their ids, each beside that also by the SHA-256 of its text. */
export function createPersistedDocuments(documents: ReadonlyMap<string, string>): FindDocument {
  const byId = new Map(documents);
  for (const text of documents.values()) byId.set(hashOf(text), text);
  const byText = new Map([...documents.values()].map(text => [stripIgnoredCharacters(text), text]));
  return ({ query, documentId, extensions }) => {
    const persistedQuery = extensions?.persistedQuery as { sha256Hash?: unknown } | null | undefined;
    const id = documentId ?? persistedQuery?.sha256Hash;
    const found = query ? byText.get(textOf(query) ?? '') : typeof id === 'string' ? byId.get(id) : undefined;
    if (found !== undefined) return found;
    throw new GraphQLError('Only documents that this server knows run here, and this is none of them.', {
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
  };
}

/** Puts the text in the place of what the request said, before anything is parsed. */
export function usePersistedDocuments(findDocument: FindDocument): Plugin {
  return {
    onParams({ params, setParams }) {
      const { documentId: _id, ...rest } = params as typeof params & DocumentRequest;
      setParams({ ...rest, query: findDocument(params) });
    },
  };
}

/**
 * From files and folders: `.json` holds ids and texts, as code generators write them; `.graphql` and `.gql` hold one
 * document each. Rejects where there is nothing to read, or something that is no GraphQL: what would be refused later
 * is better known now.
 */
export async function loadPersistedDocuments(paths: readonly string[]): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  for (const path of (await Promise.all(paths.map(filesIn))).flat()) {
    const text = await readFile(path, 'utf8');
    try {
      for (const [id, document] of entriesOf(path, text)) {
        parse(document);
        documents.set(id, document);
      }
    } catch (cause) {
      throw new Error(`persisted documents: ${path} holds something else`, { cause });
    }
  }
  if (documents.size === 0) throw new Error(`persisted documents: there are none in ${paths.join(', ')}`);
  return documents;
}

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter(name => /\.(json|graphql|gql)$/.test(name))
    .sort()
    .map(name => join(path, name));
}

function entriesOf(path: string, text: string): [id: string, document: string][] {
  if (extname(path) !== '.json') return [[hashOf(text), text]];
  const entries = Object.entries<unknown>(JSON.parse(text));
  if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return entries;
  throw new Error('not every value is a text');
}

/** What cannot be read as GraphQL is not among what was. */
function textOf(query: string): string | undefined {
  try {
    return stripIgnoredCharacters(query);
  } catch {
    return undefined;
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
