import type { AuthenticationState } from '@whiskeysockets/baileys';
import { openCredsOnly } from './systems/creds-only.ts';
import { openMultiFile } from './systems/multi-file.ts';
import { openSessiongraph } from './systems/sessiongraph.ts';
import { openWholeBlob } from './systems/whole-blob.ts';

/** A way to keep the state of one session, opened on a folder of its own. */
export interface OpenedState {
  readonly state: AuthenticationState;
  saveCreds(): Promise<void>;
  /** A second whole copy of what is kept, in a folder that does not exist yet. */
  copyTo(folder: string): Promise<void>;
  /** How many calls there were that wait for the disk. */
  syncs(): number;
  close(): Promise<void>;
}

export const SYSTEMS = {
  sessiongraph: openSessiongraph,
  'multi-file': openMultiFile,
  'creds-only': openCredsOnly,
  'whole-blob': openWholeBlob,
} satisfies Record<string, (folder: string) => Promise<OpenedState>>;

export type SystemName = keyof typeof SYSTEMS;
