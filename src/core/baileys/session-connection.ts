import makeWASocket, {
  type BaileysEventMap,
  type SocketConfig,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Clock } from '../clock.ts';
import { createDeferred } from '../deferred.ts';
import type { Disconnect } from '../sessions/disconnect-reasons.ts';
import { type LinkedAccount, readAccount } from './account.ts';
import type { AuthState } from './auth-state.ts';
import type { ClientVersion } from './client-version.ts';
import { tapIncomingMessages } from './incoming-message-tap.ts';
import { requestPairingCode } from './pairing-code.ts';
import { readDisconnect } from './read-disconnect.ts';
import { type FindSent, findRetryText } from './retry-text.ts';
import { sendText } from './send-text.ts';
import { endOnBadFrame, forgiveAfterEnd } from './socket-listeners.ts';
import { unlinkStanza } from './unlink-stanza.ts';

const TERMINATE_AFTER_MS = 2_000;
const UNLINK_MS = 5_000;

/** One Baileys socket from its first byte to its last. Never used again: the next attempt makes a new one. */
export interface SessionConnection {
  /** Resolves when WhatsApp has the message; its ratchet is durable before that. MESSAGE_REFUSED. */
  sendText(message: { jid: string; text: string; messageId: string }): Promise<void>;
  /** Asks WhatsApp for a code that is typed on the phone. The socket must wait for pairing. PAIRING_REFUSED. */
  requestPairingCode(phoneNumber: string): Promise<string>;
  /** Unlinks the device from the phone and ends; true where WhatsApp confirmed it in time. */
  unlink(): Promise<boolean>;
  /** From here on nothing goes out and nothing comes in. */
  end(how: Disconnect): void;
  /** Why it ended; never rejects. */
  readonly closed: Promise<Disconnect>;
}

export interface ConnectionEvents {
  /** A code for the phone; it must not be shown before what it stands for is durable. */
  qr(data: string): void;
  /** The phone accepted the pairing; WhatsApp is about to ask for a new connection. */
  paired(account: LinkedAccount | undefined): void;
  open(account: LinkedAccount | undefined): void;
  /** Every message that this connection took over from WhatsApp, whatever becomes of the connection afterwards. */
  message(message: WAMessage): void;
  /** A message that is new and cannot be read. */
  undecryptable(): void;
  /** WhatsApp sent something, whatever it was. */
  heard(): void;
  /** It has ended; nothing more is called. */
  closed(): void;
}

export type SocketLogger = SocketConfig['logger'];

export interface ConnectionOptions {
  readonly auth: AuthState;
  readonly socket: SocketOptions;
  readonly events: ConnectionEvents;
  /** What was sent under an id: a recipient who could not read it asks again. */
  readonly findSent: FindSent;
  readonly clock: Clock;
  readonly logger: SocketLogger;
}

export interface SocketOptions {
  /** Another endpoint than WhatsApp's: the simulator. */
  readonly url?: string;
  /**
   * How long an endpoint may say nothing before there is a login or a code. An HTTP error on the upgrade never closes
   * the socket by itself, and a server that hangs in the middle of a login is noticed by nobody else.
   */
  readonly silenceMs: number;
  /** Overrides of Baileys' own timers. */
  readonly timers?: Pick<UserFacingSocketConfig, 'connectTimeoutMs' | 'keepAliveIntervalMs' | 'qrTimeout'>;
  /** Baileys' own where left out. */
  readonly version?: ClientVersion;
  readonly make?: typeof makeWASocket;
}

export function openConnection(options: ConnectionOptions): SessionConnection {
  const { auth, socket, events, clock } = options;
  const ended = createDeferred<Disconnect>();
  const underWay = new AbortController();
  const over = new AbortController();
  const messages = tapIncomingMessages(auth, {
    onMessage: events.message,
    onUndecryptable: events.undecryptable,
  });
  const sock: WASocket = (socket.make ?? makeWASocket)({
    ...socketConfig(options, messages.makeSignalRepository),
    getMessage: key => findRetryText(sock, options.findSent, key),
  });

  function end(how: Disconnect): void {
    over.abort();
    underWay.abort();
    void sock.end(undefined);
    // A peer that does not answer the closing handshake must not keep the old socket alive beside the next one.
    void clock.sleep(TERMINATE_AFTER_MS).then(() => rawSocket(sock)?.terminate());
    events.closed();
    ended.resolve(how);
  }

  /** Until there is a login or a code, silence means that nothing will come: each frame buys another deadline. */
  async function watchSilence(): Promise<void> {
    let heardAtMs = clock.monotonicMs();
    sock.ws.on('frame', () => {
      heardAtMs = clock.monotonicMs();
    });
    for (;;) {
      const leftMs = heardAtMs + socket.silenceMs - clock.monotonicMs();
      if (leftMs <= 0) return end({ origin: 'transport' });
      await clock.sleep(leftMs, underWay.signal);
      if (underWay.signal.aborted) return;
    }
  }

  function onUpdate(update: BaileysEventMap['connection.update']): void {
    if (update.qr || update.connection === 'open' || update.isNewLogin) underWay.abort();
    if (update.qr) events.qr(update.qr);
    if (update.isNewLogin) events.paired(readAccount(auth.state.creds));
    if (update.connection === 'open') events.open(readAccount(auth.state.creds));
    if (update.connection === 'close') end(readDisconnect(update.lastDisconnect?.error));
  }

  sock.ev.on('connection.update', onUpdate);
  sock.ev.on('creds.update', () => void auth.saveCreds().catch(() => {}));
  messages.watch(sock);
  sock.ws.on('frame', events.heard);
  endOnBadFrame(sock, () => end({ origin: 'transport' }));
  forgiveAfterEnd(sock);
  void watchSilence();

  return {
    end,
    closed: ended.promise,
    requestPairingCode: phoneNumber => requestPairingCode(sock, phoneNumber, clock),

    async unlink() {
      const asked = sock.query(unlinkStanza(auth)).then(
        () => true,
        () => false,
      );
      const kicked = ended.promise.then(({ code }) => code === 401);
      const silence = clock.sleep(UNLINK_MS).then(() => false);
      const isConfirmed = await Promise.race([asked, kicked, silence]);
      end({ origin: 'logout' });
      return isConfirmed;
    },

    sendText: message => sendText(sock, message, { over: over.signal, clock }),
  };
}

function socketConfig(
  { socket, auth, logger }: ConnectionOptions,
  makeSignalRepository: SocketConfig['makeSignalRepository'],
): UserFacingSocketConfig {
  const version = socket.version?.current();
  return {
    auth: auth.state,
    makeSignalRepository,
    logger,
    ...(socket.url && { waWebSocketUrl: socket.url }),
    ...(version && { version }),
    ...socket.timers,
    // The chain below retries; a second owner of retries would keep a failed commit alive for half a minute.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    // Own messages do not come back as if they had arrived.
    emitOwnEvents: false,
    // The phone goes on ringing.
    markOnlineOnConnect: false,
    shouldSyncHistoryMessage: () => false,
    syncFullHistory: false,
  };
}

function rawSocket(sock: WASocket): { terminate(): void } | null | undefined {
  return (sock.ws as unknown as { socket?: { terminate(): void } | null }).socket;
}
