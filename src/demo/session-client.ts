import { createEventLog, type EventLog } from './event-log.ts';
import { createGraphQLClient } from './graphql-client.ts';

export const SESSION = 'shop';

export interface SessionLook {
  readonly status: string;
  readonly phoneNumber: string | null;
  readonly epoch: string;
  readonly revision: string;
  readonly copies: readonly Copy[];
}

export interface Copy {
  readonly store: string;
  readonly state: string;
  readonly epoch: string | null;
  readonly revision: string | null;
}

export interface Message {
  readonly chatId: string;
  readonly senderName: string | null;
  readonly text: string | null;
}

/** One session of one running server, through the public API and nothing else. */
export interface SessionClient {
  /** What the subscriptions brought so far. */
  readonly statuses: EventLog<string>;
  readonly messages: EventLog<Message>;
  readonly qrCodes: EventLog<string>;
  create(): Promise<void>;
  look(): Promise<SessionLook>;
  /** The API's own idempotency key makes it safe to ask twice. */
  sendText(to: string, text: string, messageId?: string): Promise<void>;
  close(): Promise<void>;
}

const CREATE = 'mutation ($id: ID!) { createSession(input: { id: $id }) { session { status } } }';
const LOOK = `query ($id: ID!) {
  session(id: $id) { status phoneNumber epoch revision copies { store state epoch revision } }
}`;
const SEND = 'mutation ($input: SendTextInput!) { sendText(input: $input) { messageId } }';
const STATUSES = 'subscription { sessionStatusChanged { status } }';
const MESSAGES = 'subscription { messageReceived { chatId senderName text } }';
const QR_CODES = 'subscription ($id: ID!) { sessionQrIssued(id: $id) { data } }';

/** Subscribes at once: the server serves requests before it starts its sessions, so nothing is missed. */
export function openSessionClient(url: string, token: string): SessionClient {
  const api = createGraphQLClient(url, token);
  const [id, statuses, messages, qrCodes] = [
    SESSION,
    createEventLog<string>(),
    createEventLog<Message>(),
    createEventLog<string>(),
  ];
  api.subscribe<{ messageReceived: Message }>(MESSAGES, {}, data => messages.push(data.messageReceived));
  api.subscribe<{ sessionStatusChanged: { status: string } }>(STATUSES, {}, data =>
    statuses.push(data.sessionStatusChanged.status),
  );

  return {
    statuses,
    messages,
    qrCodes,
    async create() {
      await api.request(CREATE, { id });
      api.subscribe<{ sessionQrIssued: { data: string } }>(QR_CODES, { id }, data =>
        qrCodes.push(data.sessionQrIssued.data),
      );
    },
    look: async () => (await api.request<{ session: SessionLook }>(LOOK, { id })).session,
    async sendText(to, text, messageId) {
      await api.request(SEND, { input: { id, to, text, messageId } });
    },
    close: api.close,
  };
}
