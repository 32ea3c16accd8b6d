import type { Problem } from '../../config/environment.ts';
import type { CopyView, SessionStatus } from '../../core/sessions/session-views.ts';

/** All that the doctor found out before it judges: what checks read, and nothing else. */
export interface Facts {
  readonly runtime: RuntimeFacts;
  /** What is wrong with the environment; nothing below is known then but the runtime. */
  readonly environment: readonly Problem[];
  readonly directories: readonly DirectoryFacts[];
  /** Whether a server answers where this configuration would start one. */
  readonly serverAnswers: boolean;
  readonly stores: readonly StoreFacts[];
  /** Undefined where they could not be looked at; `why` says why. */
  readonly sessions: readonly SessionFacts[] | undefined;
  readonly sessionsUnknownBecause: string | undefined;
  readonly old: OldFacts;
  readonly whatsApp: EndpointFacts | undefined;
  /** Undefined where tokens are signed by a secret of our own. */
  readonly issuer: IssuerFacts | undefined;
}

export interface RuntimeFacts {
  readonly node: string;
  /** The WhatsApp client that is installed, and the one that this program was made for. */
  readonly baileys: string;
  readonly wantedBaileys: string;
  /** What says that this runs in a container, whose disk ends with it. */
  readonly container: string | undefined;
}

export interface DirectoryFacts {
  readonly store: string;
  readonly path: string;
  /** `OK`, `MISSING`, or the code of the error that a small write ended with, e.g. ENOSPC. */
  readonly state: string;
  readonly freeBytes: number;
  /** Of its files and folders that hold secrets, those that other users of this machine may read. */
  readonly openToOthers: readonly string[];
  /** Whether it lies on another file system than the root folder: a volume. */
  readonly isVolume: boolean;
  /** Who has it open, as it says of itself. */
  readonly holder: string | undefined;
}

export interface StoreFacts {
  readonly store: string;
  readonly kind: string;
  readonly awaited: boolean;
  /** Undefined: it answers. */
  readonly error: string | undefined;
  readonly oldestPendingMs: number;
}

export interface SessionFacts {
  readonly id: string;
  readonly status: SessionStatus;
  readonly linked: boolean;
  readonly wanted: 'RUNNING' | 'STOPPED';
  /** One sentence of the server, where one runs. */
  readonly reason: string | undefined;
  /** Why it cannot be looked into at all. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly copies: readonly Pick<CopyView, 'store' | 'state' | 'error'>[];
}

export interface OldFacts {
  /** What the next start takes over. */
  readonly waiting: readonly string[];
  readonly refused: readonly { readonly place: string; readonly why: string }[];
  /** Baileys folders in places where nobody looks for them. */
  readonly elsewhere: readonly string[];
}

export interface IssuerFacts {
  /** Of its published keys. */
  readonly host: string;
  /** Whether a token has to say that it is for this server. */
  readonly isAudienceAsked: boolean;
}

export interface EndpointFacts {
  readonly host: string;
  readonly error: string | undefined;
  /** How far this machine's clock is ahead of the endpoint's; undefined where it does not say. */
  readonly aheadMs: number | undefined;
}
