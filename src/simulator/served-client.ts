import type { BinaryNode } from '@whiskeysockets/baileys';

/** A connection after the handshake: where its stanzas go, and what its end means. */
export interface ServedClient {
  onNode(node: BinaryNode): void;
  onClosed(): void;
}
