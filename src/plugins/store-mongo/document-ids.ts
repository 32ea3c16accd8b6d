/** Collections of the store's own; those of older programs have other names. */
export type CollectionName =
  | 'sessiongraph_meta'
  | 'sessiongraph_changes'
  | 'sessiongraph_heads'
  | 'sessiongraph_entries'
  | 'sessiongraph_chunks'
  | 'sessiongraph_leases';

/** All ids that begin with one path: `from` is in it, `to` is not. */
export interface IdRange {
  readonly from: string;
  readonly to: string;
}

/** What a string of a document can't hold everywhere (NUL, half a character), and what parts a path. */
const SPECIAL = /[%/\0]|\p{Surrogate}/gu;
const ESCAPED = /%([0-9a-f]{4})/g;
const DIGITS = 15;

export const escapePart = (text: string): string =>
  text.replace(SPECIAL, char => `%${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const unescapePart = (text: string): string =>
  text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** The n-th of a session: ids sort as the numbers do. */
export const numberedId = (sessionId: string, number: number): string =>
  `${escapePart(sessionId)}/${String(number).padStart(DIGITS, '0')}`;

export const sessionOfId = (id: string): string => unescapePart(id.slice(0, id.indexOf('/')));
export const numberOfId = (id: string): number => Number(id.slice(id.lastIndexOf('/') + 1));

export const versionId = (sessionId: string, generation: string, name: string, slot: number): string =>
  `${escapePart(sessionId)}/${generation}/${numberedId(name, slot)}`;

export const nameOfVersion = (id: string): string => unescapePart(id.split('/')[2] ?? '');

export const chunkId = (sessionId: string, chunks: string, index: number): string =>
  `${escapePart(sessionId)}/${numberedId(chunks, index)}`;

export const chunksOfId = (id: string): string => unescapePart(id.split('/')[1] ?? '');

export const sessionRange = (sessionId: string): IdRange => under(escapePart(sessionId));
export const generationRange = (sessionId: string, generation: string): IdRange =>
  under(`${escapePart(sessionId)}/${generation}`);
export const nameRange = (sessionId: string, generation: string, name: string): IdRange =>
  under(`${escapePart(sessionId)}/${generation}/${escapePart(name)}`);
export const chunksRange = (sessionId: string, chunks: string): IdRange =>
  under(`${escapePart(sessionId)}/${escapePart(chunks)}`);

/** `0` follows `/`. */
const under = (path: string): IdRange => ({ from: `${path}/`, to: `${path}0` });
