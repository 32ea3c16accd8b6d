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

/** Whatever goes wrong is told as a StoreError, or as what the question means: `IdTaken`, `DamagedDocument`. */
export type Ask = <T>(doing: string, question: (connection: Connection) => Promise<T>) => Promise<T>;

/** The way to one server. Connects with the first question. */
export interface ServerLine {
  readonly store: string;
  readonly ask: Ask;
  /** For questions that belong together: their client stays open until `release`, whatever takes its place. */
  hold(): { readonly ask: Ask; release(): void };
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
  /** The last one, and those before it that somebody still holds. */
  const lines = new Set<Line>();
  let line = begin();
  let restUntil = 0;
  let lastFailure: unknown;

  function onClosed(): void {
    closures += 1;
  }

  function begin(): Line {
    const begun = connect(options, onClosed);
    lines.add(begun);
    return begun;
  }

  function end(ended: Line): Promise<void> {
    lines.delete(ended);
    return ended.client.close();
  }

  function note(failure: unknown, used: Line): void {
    if (failure instanceof StoreError) used.layout.forget();
    if (isUnreachable(failure)) {
      lastFailure = failure;
      restUntil = performance.now() + restMs;
    }
    // A client whose first attempt failed is closed by the driver for good. Whoever holds it is not cut off in the middle.
    if (used !== line || !(isBeyondRepair(failure) || (isUnreachable(failure) && !used.hasAnswered))) return;
    onClosed();
    line = begin();
  }

  const askOn =
    (used: Line): Ask =>
    async (doing, question) => {
      if (performance.now() < restUntil) throw lastFailure;
      try {
        const answer = await unlessForgotten(question(used), forgottenAfterMs);
        used.hasAnswered = true;
        return answer;
      } catch (error) {
        const failure = translated(error, store, doing);
        note(failure, used);
        throw failure;
      }
    };

  function hold() {
    const used = line;
    used.holders += 1;
    return {
      ask: askOn(used),
      release() {
        used.holders -= 1;
        if (used !== line && used.holders === 0) end(used).catch(() => {});
      },
    };
  }

  return {
    store,
    hold,
    async ask(doing, question) {
      const held = hold();
      try {
        return await held.ask(doing, question);
      } finally {
        held.release();
      }
    },
    closures: () => closures,
    close: async () => void (await Promise.all([...lines].map(end))),
  };
}

type Line = ReturnType<typeof connect>;

function connect(options: ServerLineOptions, onClosed: () => void) {
  const client = createClient(options);
  client.on('connectionClosed', onClosed);
  const { onCommand, store } = options;
  if (onCommand) client.on('commandStarted', ({ commandName }) => onCommand(commandName));
  const db = client.db(databaseOf(options.uri));
  return { client, db, layout: createLayoutCheck(store, db), hasAnswered: false, holders: 0 };
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
