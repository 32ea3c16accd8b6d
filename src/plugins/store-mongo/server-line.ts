import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { StoreError } from '../../core/errors.ts';
import { unlessForgotten } from './forgotten-call.ts';
import { createLayoutCheck, type LayoutCheck } from './layout-check.ts';
import { isBeyondRepair, isUnreachable, translated } from './mongo-errors.ts';

export interface ServerTimeouts {
  /** How long a call looks for a server that answers. */
  readonly serverSelectionTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** How long a command may go unanswered. */
  readonly socketTimeoutMs?: number;
  /** After a server was not found, calls fail at once for so long. */
  readonly restMs?: number;
}

export interface ServerLineOptions extends ServerTimeouts {
  readonly store: string;
  readonly uri: string;
  /** For tests: whatever else the driver can be told, and the commands it sends. */
  readonly driver?: MongoClientOptions;
  readonly onCommand?: (name: string) => void;
}

export interface Connection {
  readonly db: Db;
  readonly layout: LayoutCheck;
}

/** The way to one server. Connects with the first question. */
export interface ServerLine {
  /** Whatever goes wrong is told as a StoreError, or as what the question means: `IdTaken`, `DamagedDocument`. */
  ask<T>(doing: string, question: (connection: Connection) => Promise<T>): Promise<T>;
  /** How many connections were closed so far. */
  closures(): number;
  close(): Promise<void>;
}

const DEFAULT_DATABASE = 'sessiongraph';
const SOCKET_TIMEOUT_MS = 8000;
/** A question may wait for a server, for a connection, and for more than one answer. */
const FORGOTTEN_AFTER_TIMEOUTS = 4;

export function createServerLine(options: ServerLineOptions): ServerLine {
  const { store, restMs = 500, socketTimeoutMs = SOCKET_TIMEOUT_MS } = options;
  const forgottenAfterMs = FORGOTTEN_AFTER_TIMEOUTS * socketTimeoutMs;
  let closures = 0;
  let line = connect(options, onClosed);
  let restUntil = 0;
  let lastFailure: unknown;

  function onClosed(): void {
    closures += 1;
  }

  function note(failure: unknown, used: typeof line): void {
    if (failure instanceof StoreError) used.layout.forget();
    if (isUnreachable(failure)) {
      lastFailure = failure;
      restUntil = performance.now() + restMs;
    }
    // A client whose first attempt failed is closed by the driver for good.
    if (used !== line || !(isBeyondRepair(failure) || (isUnreachable(failure) && !used.hasAnswered))) return;
    onClosed();
    line = connect(options, onClosed);
  }

  return {
    async ask(doing, question) {
      if (performance.now() < restUntil) throw lastFailure;
      const used = line;
      used.questions += 1;
      try {
        const answer = await unlessForgotten(question(used), forgottenAfterMs);
        used.hasAnswered = true;
        return answer;
      } catch (error) {
        const failure = translated(error, store, doing);
        note(failure, used);
        throw failure;
      } finally {
        used.questions -= 1;
        // Another one has taken its place. The last question is through: none is cut off in the middle.
        if (used !== line && used.questions === 0) used.client.close().catch(() => {});
      }
    },
    closures: () => closures,
    close: () => line.client.close(),
  };
}

function connect(options: ServerLineOptions, onClosed: () => void) {
  const client = createClient(options);
  client.on('connectionClosed', onClosed);
  const { onCommand, store } = options;
  if (onCommand) client.on('commandStarted', ({ commandName }) => onCommand(commandName));
  const db = client.db(databaseOf(options.uri));
  return { client, db, layout: createLayoutCheck(store, db), hasAnswered: false, questions: 0 };
}

function createClient({ store, uri, driver, ...timeouts }: ServerLineOptions): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'sessiongraph',
      maxPoolSize: 20,
      // A write that was not answered is judged again by the store: the driver must not send it a second time.
      retryWrites: false,
      serverSelectionTimeoutMS: timeouts.serverSelectionTimeoutMs ?? 3000,
      connectTimeoutMS: timeouts.connectTimeoutMs ?? 3000,
      socketTimeoutMS: timeouts.socketTimeoutMs ?? SOCKET_TIMEOUT_MS,
      waitQueueTimeoutMS: 8000,
      ...driver,
      promoteBuffers: true,
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    });
  } catch {
    // The driver's error quotes the connection string.
    throw new StoreError(
      'STORE_UNAVAILABLE',
      store,
      'its connection string is not a valid mongodb:// address',
    );
  }
}

/** Where the address names none, the driver would take `test`. */
function databaseOf(uri: string): string {
  const [, named] = /^[^/]+\/\/[^/?]+\/([^?]+)/.exec(uri) ?? [];
  return named === undefined ? DEFAULT_DATABASE : decodeURIComponent(named);
}
