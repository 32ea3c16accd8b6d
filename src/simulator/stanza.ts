import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';

/** The server's own address. Baileys compares it literally, with the leading @. */
export const SERVER_JID = '@s.whatsapp.net';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Builds a node; attributes that are undefined are left out. */
export function stanza(
  tag: string,
  attributes: Attributes = {},
  content?: BinaryNode['content'],
): BinaryNode {
  const attrs: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) attrs[name] = String(value);
  }
  return content === undefined ? { tag, attrs } : { tag, attrs, content };
}

export const child = (node: BinaryNode | undefined, tag: string) => getBinaryNodeChild(node, tag);

export const childrenOf = (node: BinaryNode | undefined, tag: string) => getBinaryNodeChildren(node, tag);

export function firstChild(node: BinaryNode): BinaryNode | undefined {
  return Array.isArray(node.content) ? node.content[0] : undefined;
}

/** The bytes a node holds; empty where it holds none. */
export function bytesOf(node: BinaryNode | undefined): Buffer {
  const content = node?.content;
  if (content === undefined || Array.isArray(content)) return Buffer.alloc(0);
  return Buffer.from(content as Uint8Array | string);
}

export function bigEndian(value: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUIntBE(value, 0, sizeBytes);
  return bytes;
}

export const readBigEndian = (bytes: Buffer) => (bytes.length === 0 ? 0 : bytes.readUIntBE(0, bytes.length));

export const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Why a question is refused; Baileys' `query` rejects with it. */
export interface IqError {
  readonly code: number;
  readonly text: string;
}

export const iqError = (request: BinaryNode, { code, text }: IqError): BinaryNode =>
  stanza('iq', { from: SERVER_JID, id: request.attrs.id, type: 'error' }, [stanza('error', { code, text })]);

/** The empty result that answers most IQs, or one with children. */
export function iqResult(request: BinaryNode, ...content: BinaryNode[]): BinaryNode {
  const attrs = { from: SERVER_JID, id: request.attrs.id, type: 'result' };
  return content.length === 0 ? stanza('iq', attrs) : stanza('iq', attrs, content);
}
