/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What the owner of a session asked for last. */
export type DesiredState =
  /** It is kept connected, also after a restart of the server. */
  | 'RUNNING'
  /** It stays disconnected until startSession. */
  | 'STOPPED';

/** How the copy in one store compares with the newest known. */
export type CopyState =
  /** It holds the newest revision. */
  | 'IN_SYNC'
  /** It lacks the newest changes; they are on their way. */
  | 'BEHIND'
  /** It was asked and holds nothing of this session. */
  | 'MISSING'
  /** It holds the mark of a deletion. */
  | 'DELETED'
  /** It cannot be asked right now. */
  | 'UNREACHABLE'
  /** It was asked and could not read what it holds. */
  | 'UNREADABLE'
  /** What it holds is damaged. */
  | 'CORRUPT'
  /** None of the configured secrets opens what it holds. */
  | 'UNDECRYPTABLE'
  /** It holds another history than ours. */
  | 'DIVERGED'
  /** It must not hold this session. */
  | 'EXCLUDED';

/** Where a session stands between being asked to run and being ready. */
export type SessionStatus =
  /** Not running because someone asked for that. */
  | 'STOPPED'
  /** Opening the socket or logging in. */
  | 'CONNECTING'
  /** A QR code or pairing code waits for the phone. */
  | 'PAIRING'
  /** Nobody scanned in time. Credentials are kept; startSession shows a new code. */
  | 'PAIRING_EXPIRED'
  /** Logged in, ready to send and receive. */
  | 'CONNECTED'
  /** Lost the connection; tries again at statusReason.retryAt. */
  | 'RECONNECTING'
  /** Another server holds this session. */
  | 'STANDBY'
  /** Failed too often in a row: tried rarely, needs a look. */
  | 'QUARANTINED'
  /** The phone or WhatsApp unlinked the device. Its credentials are archived; startSession begins a new pairing. */
  | 'LOGGED_OUT'
  /** Terminal: statusReason says why and what to do. */
  | 'FAILED';

/** What createSession needs. */
export type CreateSessionInput = {
  /** 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot. */
  id: string;
  /** Names of stores that must not hold this session. */
  excludeStores?: Array<string> | null | undefined;
};

/** What deleteSession needs. */
export type DeleteSessionInput = {
  /** The session to delete. */
  id: string;
  /** Only from these stores, which are excluded from then on; everywhere, and unlinked from the phone, where left out. Naming every store that holds it is BAD_USER_INPUT. */
  stores?: Array<string> | null | undefined;
};

/** What logoutSession needs. */
export type LogoutSessionInput = {
  /** The session to unlink. */
  id: string;
};

/** What requestPairingCode needs. */
export type RequestPairingCodeInput = {
  /** The session to link; it is started where it rests. */
  id: string;
  /** E.164 */
  phoneNumber: string;
};

/** What restoreSession needs. */
export type RestoreSessionInput = {
  /** The session to restore. */
  id: string;
  /** The store to take the session from; the freshest reachable one where left out. */
  from?: string | null | undefined;
  /** Needed to go back to a copy that is behind what is known. Scope admin. Recorded in the history. */
  acceptStale?: boolean | null | undefined;
};

/** What reviveWebhookDeadLetters needs. */
export type ReviveWebhookDeadLettersInput = {
  /** Which ones; all of them where left out. */
  ids?: Array<string> | null | undefined;
};

/** What rotateKeys needs. */
export type RotateKeysInput = {
  /** endCursor of the call before; from the beginning where left out. */
  after?: string | null | undefined;
};

/** What sendText needs. */
export type SendTextInput = {
  /** The session that sends. */
  id: string;
  /** JID or E.164 */
  to: string;
  /** The message. */
  text: string;
  /** Idempotency key: the same id is sent once. */
  messageId?: string | null | undefined;
};

/** Only sessions that fit everything given here. */
export type SessionFilter = {
  /** In one of these states. */
  status?: Array<SessionStatus> | null | undefined;
  /** Linked to this number: E.164, with the plus sign. */
  phoneNumber?: string | null | undefined;
  /** Part of the id, the phone number or the display name, without regard to case. */
  search?: string | null | undefined;
};

/** What startSession needs. */
export type StartSessionInput = {
  /** The session to start. */
  id: string;
  /** Take the session over from the server that holds it. */
  takeOver?: boolean | null | undefined;
};

/** What stopSession needs. */
export type StopSessionInput = {
  /** The session to stop. */
  id: string;
};

/** What syncSession needs. */
export type SyncSessionInput = {
  /** The session to sync. */
  id: string;
  /** Only this store, even if it was excluded; all lagging ones where left out. */
  store?: string | null | undefined;
};

export type ReasonPartsFragment = { code: string, message: string, rawCode: number | null, retryAt: string | null };

export type SessionPartsFragment = { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null };

export type CopyPartsFragment = { store: string, state: CopyState, epoch: string | null, revision: string | null, behindBy: string | null, lastSyncedAt: string | null, error: string | null };

export type SessionQueryVariables = Exact<{
  id: string;
}>;


export type SessionQuery = { session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, copies: Array<{ store: string, state: CopyState, epoch: string | null, revision: string | null, behindBy: string | null, lastSyncedAt: string | null, error: string | null }>, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } | null };

export type SessionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: SessionFilter | null | undefined;
}>;


export type SessionsQuery = { sessions: { totalCount: number, unreachableStores: Array<string>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } }> } };

export type HistoryQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type HistoryQuery = { session: { history: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, at: string, status: SessionStatus, server: string, reason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } }> } } | null };

export type StoresQueryVariables = Exact<{ [key: string]: never; }>;


export type StoresQuery = { stores: Array<{ name: string, order: number, healthy: boolean, error: string | null, latencyMs: number | null, pendingChanges: number, oldestPendingMs: number }> };

export type CreateSessionMutationVariables = Exact<{
  input: CreateSessionInput;
}>;


export type CreateSessionMutation = { createSession: { session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type StartSessionMutationVariables = Exact<{
  input: StartSessionInput;
}>;


export type StartSessionMutation = { startSession: { session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type StopSessionMutationVariables = Exact<{
  input: StopSessionInput;
}>;


export type StopSessionMutation = { stopSession: { session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type LogoutSessionMutationVariables = Exact<{
  input: LogoutSessionInput;
}>;


export type LogoutSessionMutation = { logoutSession: { session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type RequestPairingCodeMutationVariables = Exact<{
  input: RequestPairingCodeInput;
}>;


export type RequestPairingCodeMutation = { requestPairingCode: { pairingCode: { code: string, expiresAt: string } } };

export type SyncSessionMutationVariables = Exact<{
  input: SyncSessionInput;
}>;


export type SyncSessionMutation = { syncSession: { session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, copies: Array<{ store: string, state: CopyState, epoch: string | null, revision: string | null, behindBy: string | null, lastSyncedAt: string | null, error: string | null }>, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type RestoreSessionMutationVariables = Exact<{
  input: RestoreSessionInput;
}>;


export type RestoreSessionMutation = { restoreSession: { restoredFrom: string, session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type DeleteSessionMutationVariables = Exact<{
  input: DeleteSessionInput;
}>;


export type DeleteSessionMutation = { deleteSession: { id: string, deletedFrom: Array<string>, pendingIn: Array<string>, unlinked: boolean } };

export type SendTextMutationVariables = Exact<{
  input: SendTextInput;
}>;


export type SendTextMutation = { sendText: { messageId: string } };

export type SessionQrIssuedSubscriptionVariables = Exact<{
  id: string;
}>;


export type SessionQrIssuedSubscription = { sessionQrIssued: { data: string, image: string, ordinal: number, issuedAt: string, expiresAt: string } };

export type SessionStatusChangedSubscriptionVariables = Exact<{
  id?: string | null | undefined;
}>;


export type SessionStatusChangedSubscription = { sessionStatusChanged: { at: string, previous: SessionStatus | null, status: SessionStatus, reason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, session: { id: string, status: SessionStatus, desiredState: DesiredState, linked: boolean, phoneNumber: string | null, jid: string | null, displayName: string | null, heldBy: string | null, epoch: string, revision: string, createdAt: string, updatedAt: string, lastConnectedAt: string | null, statusReason: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null, degraded: { code: string, message: string, rawCode: number | null, retryAt: string | null } | null } } };

export type SessionDeletedSubscriptionVariables = Exact<{
  id?: string | null | undefined;
}>;


export type SessionDeletedSubscription = { sessionDeleted: string };

export type MessageReceivedSubscriptionVariables = Exact<{
  id?: string | null | undefined;
}>;


export type MessageReceivedSubscription = { messageReceived: { sessionId: string, id: string, chatId: string, senderId: string, senderPhoneNumber: string | null, senderName: string | null, fromMe: boolean, text: string | null, at: string } };

export type EncryptionKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type EncryptionKeysQuery = { encryptionKeys: { keys: Array<{ fingerprint: string, configured: boolean, newest: boolean, copies: Array<{ store: string, count: number, sessionIds: Array<string> }> }>, unreadable: Array<{ store: string, sessionId: string | null, message: string }> } };

export type RotateKeysMutationVariables = Exact<{
  input: RotateKeysInput;
}>;


export type RotateKeysMutation = { rotateKeys: { rewrapped: number, current: number, remaining: number, endCursor: string | null, left: Array<{ sessionId: string | null, code: string, message: string }> } };

export type WebhookDeadLettersQueryVariables = Exact<{
  first?: number | null | undefined;
}>;


export type WebhookDeadLettersQuery = { webhookDeadLetters: Array<{ id: string, eventId: string, type: string, sessionId: string | null, endpoint: string, acceptedAt: string, diedAt: string, reason: string }> };

export type ReviveWebhookDeadLettersMutationVariables = Exact<{
  input: ReviveWebhookDeadLettersInput;
}>;


export type ReviveWebhookDeadLettersMutation = { reviveWebhookDeadLetters: { ids: Array<string> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ReasonPartsFragmentDoc = new TypedDocumentString(`
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
    `, {"fragmentName":"ReasonParts"}) as unknown as TypedDocumentString<ReasonPartsFragment, unknown>;
export const SessionPartsFragmentDoc = new TypedDocumentString(`
    fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}`, {"fragmentName":"SessionParts"}) as unknown as TypedDocumentString<SessionPartsFragment, unknown>;
export const CopyPartsFragmentDoc = new TypedDocumentString(`
    fragment CopyParts on SessionCopy {
  store
  state
  epoch
  revision
  behindBy
  lastSyncedAt
  error
}
    `, {"fragmentName":"CopyParts"}) as unknown as TypedDocumentString<CopyPartsFragment, unknown>;
export const SessionDocument = new TypedDocumentString(`
    query Session($id: ID!) {
  session(id: $id) {
    ...SessionParts
    copies {
      ...CopyParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}
fragment CopyParts on SessionCopy {
  store
  state
  epoch
  revision
  behindBy
  lastSyncedAt
  error
}`) as unknown as TypedDocumentString<SessionQuery, SessionQueryVariables>;
export const SessionsDocument = new TypedDocumentString(`
    query Sessions($first: Int, $after: String, $filter: SessionFilter) {
  sessions(first: $first, after: $after, filter: $filter) {
    totalCount
    unreachableStores
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        ...SessionParts
      }
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<SessionsQuery, SessionsQueryVariables>;
export const HistoryDocument = new TypedDocumentString(`
    query History($id: ID!, $first: Int, $after: String) {
  session(id: $id) {
    history(first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          at
          status
          reason {
            ...ReasonParts
          }
          server
        }
      }
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}`) as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
export const StoresDocument = new TypedDocumentString(`
    query Stores {
  stores {
    name
    order
    healthy
    error
    latencyMs
    pendingChanges
    oldestPendingMs
  }
}
    `) as unknown as TypedDocumentString<StoresQuery, StoresQueryVariables>;
export const CreateSessionDocument = new TypedDocumentString(`
    mutation CreateSession($input: CreateSessionInput!) {
  createSession(input: $input) {
    session {
      ...SessionParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<CreateSessionMutation, CreateSessionMutationVariables>;
export const StartSessionDocument = new TypedDocumentString(`
    mutation StartSession($input: StartSessionInput!) {
  startSession(input: $input) {
    session {
      ...SessionParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<StartSessionMutation, StartSessionMutationVariables>;
export const StopSessionDocument = new TypedDocumentString(`
    mutation StopSession($input: StopSessionInput!) {
  stopSession(input: $input) {
    session {
      ...SessionParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<StopSessionMutation, StopSessionMutationVariables>;
export const LogoutSessionDocument = new TypedDocumentString(`
    mutation LogoutSession($input: LogoutSessionInput!) {
  logoutSession(input: $input) {
    session {
      ...SessionParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<LogoutSessionMutation, LogoutSessionMutationVariables>;
export const RequestPairingCodeDocument = new TypedDocumentString(`
    mutation RequestPairingCode($input: RequestPairingCodeInput!) {
  requestPairingCode(input: $input) {
    pairingCode {
      code
      expiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<RequestPairingCodeMutation, RequestPairingCodeMutationVariables>;
export const SyncSessionDocument = new TypedDocumentString(`
    mutation SyncSession($input: SyncSessionInput!) {
  syncSession(input: $input) {
    session {
      ...SessionParts
      copies {
        ...CopyParts
      }
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}
fragment CopyParts on SessionCopy {
  store
  state
  epoch
  revision
  behindBy
  lastSyncedAt
  error
}`) as unknown as TypedDocumentString<SyncSessionMutation, SyncSessionMutationVariables>;
export const RestoreSessionDocument = new TypedDocumentString(`
    mutation RestoreSession($input: RestoreSessionInput!) {
  restoreSession(input: $input) {
    restoredFrom
    session {
      ...SessionParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<RestoreSessionMutation, RestoreSessionMutationVariables>;
export const DeleteSessionDocument = new TypedDocumentString(`
    mutation DeleteSession($input: DeleteSessionInput!) {
  deleteSession(input: $input) {
    id
    deletedFrom
    pendingIn
    unlinked
  }
}
    `) as unknown as TypedDocumentString<DeleteSessionMutation, DeleteSessionMutationVariables>;
export const SendTextDocument = new TypedDocumentString(`
    mutation SendText($input: SendTextInput!) {
  sendText(input: $input) {
    messageId
  }
}
    `) as unknown as TypedDocumentString<SendTextMutation, SendTextMutationVariables>;
export const SessionQrIssuedDocument = new TypedDocumentString(`
    subscription SessionQrIssued($id: ID!) {
  sessionQrIssued(id: $id) {
    data
    image
    ordinal
    issuedAt
    expiresAt
  }
}
    `) as unknown as TypedDocumentString<SessionQrIssuedSubscription, SessionQrIssuedSubscriptionVariables>;
export const SessionStatusChangedDocument = new TypedDocumentString(`
    subscription SessionStatusChanged($id: ID) {
  sessionStatusChanged(id: $id) {
    at
    previous
    status
    reason {
      ...ReasonParts
    }
    session {
      ...SessionParts
    }
  }
}
    fragment ReasonParts on StatusReason {
  code
  message
  rawCode
  retryAt
}
fragment SessionParts on Session {
  id
  status
  statusReason {
    ...ReasonParts
  }
  desiredState
  linked
  phoneNumber
  jid
  displayName
  degraded {
    ...ReasonParts
  }
  heldBy
  epoch
  revision
  createdAt
  updatedAt
  lastConnectedAt
}`) as unknown as TypedDocumentString<SessionStatusChangedSubscription, SessionStatusChangedSubscriptionVariables>;
export const SessionDeletedDocument = new TypedDocumentString(`
    subscription SessionDeleted($id: ID) {
  sessionDeleted(id: $id)
}
    `) as unknown as TypedDocumentString<SessionDeletedSubscription, SessionDeletedSubscriptionVariables>;
export const MessageReceivedDocument = new TypedDocumentString(`
    subscription MessageReceived($id: ID) {
  messageReceived(id: $id) {
    sessionId
    id
    chatId
    senderId
    senderPhoneNumber
    senderName
    fromMe
    text
    at
  }
}
    `) as unknown as TypedDocumentString<MessageReceivedSubscription, MessageReceivedSubscriptionVariables>;
export const EncryptionKeysDocument = new TypedDocumentString(`
    query EncryptionKeys {
  encryptionKeys {
    keys {
      fingerprint
      configured
      newest
      copies {
        store
        count
        sessionIds
      }
    }
    unreadable {
      store
      sessionId
      message
    }
  }
}
    `) as unknown as TypedDocumentString<EncryptionKeysQuery, EncryptionKeysQueryVariables>;
export const RotateKeysDocument = new TypedDocumentString(`
    mutation RotateKeys($input: RotateKeysInput!) {
  rotateKeys(input: $input) {
    rewrapped
    current
    left {
      sessionId
      code
      message
    }
    remaining
    endCursor
  }
}
    `) as unknown as TypedDocumentString<RotateKeysMutation, RotateKeysMutationVariables>;
export const WebhookDeadLettersDocument = new TypedDocumentString(`
    query WebhookDeadLetters($first: Int) {
  webhookDeadLetters(first: $first) {
    id
    eventId
    type
    sessionId
    endpoint
    acceptedAt
    diedAt
    reason
  }
}
    `) as unknown as TypedDocumentString<WebhookDeadLettersQuery, WebhookDeadLettersQueryVariables>;
export const ReviveWebhookDeadLettersDocument = new TypedDocumentString(`
    mutation ReviveWebhookDeadLetters($input: ReviveWebhookDeadLettersInput!) {
  reviveWebhookDeadLetters(input: $input) {
    ids
  }
}
    `) as unknown as TypedDocumentString<ReviveWebhookDeadLettersMutation, ReviveWebhookDeadLettersMutationVariables>;