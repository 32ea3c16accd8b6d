/** What a bearer token may open; `admin` opens everything. */
export const SCOPES = [
  'sessions:read',
  'sessions:pair',
  'sessions:write',
  'messages:send',
  'messages:read',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks, as far as the token says. */
export interface Viewer {
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAt: Date;
  /** Whether the token was taken back before it expired. */
  isRevoked(): boolean;
  /** Calls back when that happens. Returns the way to call it off. */
  onRevoked(callback: () => void): () => void;
  /** A session this says no to must look exactly like one that does not exist. */
  canSee(sessionId: string): boolean;
}
