import type { AuthenticationState } from '@whiskeysockets/baileys';
import { openBareRows } from './systems/bare-rows.ts';
import { openKeyvRows } from './systems/keyv-rows.ts';
import { openMysqlBaileys } from './systems/mysql-baileys.ts';
import { openSessiongraph } from './systems/sessiongraph.ts';
import { openWholeBlob } from './systems/whole-blob.ts';

/** Where a session is kept. */
export interface SessionPlace {
  /** Of the database; maybe through a proxy. */
  readonly url: URL;
  readonly session: string;
  /** To be called for every command that is sent, by those whose driver tells nobody else. */
  readonly onCommand: () => void;
}

/** The state of one session, open. */
export interface OpenedSession {
  readonly state: AuthenticationState;
  saveCreds(): Promise<void>;
  close(): Promise<void>;
}

/** Ways to keep the state of a session in a database. */
export const SYSTEMS = {
  sessiongraph: openSessiongraph,
  'mysql-baileys': openMysqlBaileys,
  'keyv-rows': openKeyvRows,
  'whole-blob': openWholeBlob,
  'bare-rows': openBareRows,
} satisfies Record<string, (place: SessionPlace) => Promise<OpenedSession>>;

export type SystemName = keyof typeof SYSTEMS;

export const isMongo = (url: URL): boolean => url.protocol.startsWith('mongodb');
