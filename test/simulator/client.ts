import { EventEmitter, once } from 'node:events';
import {
  type BaileysEventMap,
  type ConnectionState,
  DEFAULT_CONNECTION_CONFIG,
  makeWASocket,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { beforeEach, vi } from 'vitest';
import { type AuthSnapshot, createMemoryAuth, type MemoryAuth } from './memory-auth.ts';

type Upsert = BaileysEventMap['messages.upsert'];
type SocketConfig = Partial<Parameters<typeof makeWASocket>[0]>;

/** A real Baileys client with an auth state in memory, and what it has told so far. */
export interface Client {
  readonly auth: MemoryAuth;
  readonly socket: WASocket;
  readonly texts: { text: string; chat: string; type: Upsert['type'] }[];
  readonly stubs: string[];
  readonly statuses: Map<string, number>;
  readonly closeCode: number | undefined;
  /** What came with the disconnect. */
  readonly closeData: unknown;
  /** Connects with the same auth state once more, on a new socket. */
  connect(config?: SocketConfig): void;
  /** Forgets everything that happened after the snapshot. Only for a client that is not connected. */
  restore(snapshot: AuthSnapshot): void;
  opened(): Promise<void>;
  /** Resolves with the status code of the disconnect. */
  closed(): Promise<number>;
  qr(): Promise<string>;
  send(jid: string, text: string): Promise<string>;
  until(predicate: () => boolean): Promise<void>;
  end(): Promise<void>;
}

const QUICK: SocketConfig = {
  connectTimeoutMs: 3000,
  defaultQueryTimeoutMs: 3000,
  keepAliveIntervalMs: 30_000,
  qrTimeout: 5000,
  retryRequestDelayMs: 10,
  transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 10 },
  logger: pino({ level: process.env.BAILEYS_LOG ?? 'silent' }),
};

// The client's libsignal prints whole signal sessions; the simulator silences only its own.
beforeEach(() => {
  for (const method of ['info', 'warn', 'error'] as const) vi.spyOn(console, method).mockReturnValue();
});

export function createClient(url: string): Client {
  const changes = new EventEmitter().setMaxListeners(0);
  const sent = new Map<string, WAMessage>();
  let auth = createMemoryAuth();
  let socket: WASocket | undefined;
  let connection: Partial<ConnectionState> = {};
  const texts: Client['texts'] = [];
  const stubs: string[] = [];
  const statuses = new Map<string, number>();

  const until: Client['until'] = async predicate => {
    while (!predicate()) await once(changes, 'change');
  };
  const requireSocket = () => {
    if (socket === undefined) throw new Error('the client is not connected');
    return socket;
  };
  const closeError = () =>
    connection.lastDisconnect?.error as { output?: { statusCode: number }; data?: unknown } | undefined;
  const closeCode = () => (connection.connection === 'close' ? closeError()?.output?.statusCode : undefined);

  function listen({ ev }: WASocket): void {
    const { creds } = auth.state;
    ev.on('connection.update', update => {
      connection = { ...connection, ...update };
      changes.emit('change');
    });
    ev.on('creds.update', update => {
      Object.assign(creds, update);
      changes.emit('change');
    });
    ev.on('messages.upsert', ({ messages, type }) => {
      for (const message of messages) note(message, type);
      changes.emit('change');
    });
    ev.on('messages.update', updates => {
      for (const { key, update } of updates) statuses.set(key.id ?? '', update.status ?? 0);
      changes.emit('change');
    });
  }

  function note(message: WAMessage, type: Upsert['type']): void {
    const { key, messageStubParameters } = message;
    if (messageStubParameters?.length) stubs.push(messageStubParameters[0] ?? '');
    if (key.fromMe) {
      sent.set(key.id ?? '', message);
      statuses.set(key.id ?? '', message.status ?? 0);
    } else if (message.message?.conversation) {
      texts.push({ text: message.message.conversation, chat: key.remoteJid ?? '', type });
    }
  }

  return {
    texts,
    stubs,
    statuses,
    until,
    get auth() {
      return auth;
    },
    get socket() {
      return requireSocket();
    },
    get closeCode() {
      return closeCode();
    },
    get closeData() {
      return closeError()?.data;
    },
    connect(config = {}) {
      connection = {};
      socket = makeWASocket({
        ...DEFAULT_CONNECTION_CONFIG,
        ...QUICK,
        waWebSocketUrl: url,
        auth: auth.state,
        getMessage: async key => sent.get(key.id ?? '')?.message ?? undefined,
        ...config,
      });
      listen(socket);
    },
    restore(snapshot) {
      auth = createMemoryAuth(snapshot);
    },
    opened: () => until(() => connection.connection === 'open'),
    async closed() {
      await until(() => closeCode() !== undefined);
      return closeCode() ?? 0;
    },
    async qr() {
      await until(() => connection.qr !== undefined);
      return connection.qr ?? '';
    },
    async send(jid, text) {
      const message = await requireSocket().sendMessage(jid, { text });
      if (message?.key.id) sent.set(message.key.id, message);
      return message?.key.id ?? '';
    },
    async end() {
      if (socket && connection.connection !== 'close') await socket.end(undefined);
    },
  };
}
