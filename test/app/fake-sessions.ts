import { SessionError } from '../../src/core/errors.ts';
import type {
  CopyView,
  IncomingMessage,
  QrCode,
  SessionView,
  StatusChange,
} from '../../src/core/sessions/session-views.ts';
import type { Sessions, WatchTarget } from '../../src/core/sessions/sessions.ts';

const AT = new Date('2026-01-02T03:04:05.006Z');

export const sessionView = (id: string, rest: Partial<SessionView> = {}): SessionView => ({
  id,
  status: 'CONNECTED',
  desiredState: 'RUNNING',
  linked: true,
  epoch: 3,
  revision: 17,
  decryptFailures: 0,
  pendingWrites: 0,
  oldestPendingWriteMs: 0,
  createdAt: AT,
  updatedAt: AT,
  ...rest,
});

export const qrCode = (data: string): QrCode => ({ data, ordinal: 1, issuedAt: AT, expiresAt: AT });

export const textMessage = (sessionId: string, text: string): IncomingMessage => ({
  sessionId,
  id: 'M1',
  chatId: '1@s.whatsapp.net',
  senderId: '2@lid',
  fromMe: false,
  text,
  at: AT,
});

export const statusChange = (session: SessionView): StatusChange => ({
  session,
  status: session.status,
  at: AT,
});

/** A stream that the test writes, and that tells whether it was let go. */
export interface FakeStream<T> extends AsyncIterableIterator<T> {
  push(value: T): void;
  fail(error: unknown): void;
  complete(): void;
  readonly isReturned: boolean;
}

export function createFakeStream<T>(): FakeStream<T> {
  const waiting: (() => Promise<IteratorResult<T>>)[] = [];
  let reader: ((result: Promise<IteratorResult<T>>) => void) | undefined;
  let isReturned = false;
  const offer = (make: () => Promise<IteratorResult<T>>) => {
    if (!reader) return void waiting.push(make);
    reader(make());
    reader = undefined;
  };
  const done = { done: true, value: undefined } as const;
  return {
    push: value => offer(() => Promise.resolve({ done: false, value })),
    fail: error => offer(() => Promise.reject(error)),
    complete: () => offer(() => Promise.resolve(done)),
    get isReturned() {
      return isReturned;
    },
    next() {
      const next = waiting.shift();
      if (next) return next();
      return isReturned ? Promise.resolve(done) : new Promise(resolve => (reader = resolve));
    },
    return() {
      isReturned = true;
      reader?.(Promise.resolve(done));
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export interface FakeSessions extends Sessions {
  /** Name and argument of each call, in order. */
  readonly calls: [name: string, argument: unknown][];
  /** Resolves once there is one more. */
  nextCall(): Promise<void>;
  /** What the next call is answered with. */
  failWith(error: unknown): void;
  readonly views: Map<string, SessionView>;
  readonly copies: CopyView[];
  readonly qrStreams: FakeStream<QrCode>[];
  readonly statusStreams: FakeStream<StatusChange>[];
  readonly messageStreams: FakeStream<IncomingMessage>[];
  readonly deletionStreams: FakeStream<string>[];
}

export function createFakeSessions(...views: SessionView[]): FakeSessions {
  const known = new Map(views.map(view => [view.id, view]));
  const calls: FakeSessions['calls'] = [];
  const qrStreams: FakeStream<QrCode>[] = [];
  const statusStreams: FakeStream<StatusChange>[] = [];
  const messageStreams: FakeStream<IncomingMessage>[] = [];
  const deletionStreams: FakeStream<string>[] = [];
  const copies: CopyView[] = [{ store: 'file', state: 'IN_SYNC', epoch: 3, revision: 17 }];
  const waiting: (() => void)[] = [];
  let failure: { error: unknown } | undefined;

  const note = (name: string, argument: unknown) => {
    calls.push([name, argument]);
    for (const resolve of waiting.splice(0)) resolve();
  };
  const answer = async <T>(name: string, argument: unknown, make: () => T): Promise<T> => {
    note(name, argument);
    const failed = failure;
    failure = undefined;
    if (failed) throw failed.error;
    return make();
  };
  const find = (id: string) => {
    const view = known.get(id);
    if (view) return view;
    throw new SessionError('SESSION_NOT_FOUND', `no session ${id} in any store`);
  };
  const watch = <T>(name: string, target: WatchTarget, streams: FakeStream<T>[]) => {
    note(name, target);
    const stream = createFakeStream<T>();
    if ('id' in target && !known.has(target.id)) {
      stream.fail(new SessionError('SESSION_NOT_FOUND', `no session ${target.id} in any store`));
    }
    streams.push(stream);
    return stream;
  };
  return {
    calls,
    views: known,
    copies,
    qrStreams,
    statusStreams,
    messageStreams,
    deletionStreams,
    nextCall: () => new Promise(resolve => void waiting.push(resolve)),
    failWith: error => {
      failure = { error };
    },
    createSession: input =>
      answer('createSession', input, () => {
        known.set(input.id, known.get(input.id) ?? sessionView(input.id));
        return find(input.id);
      }),
    startSession: input => answer('startSession', input, () => find(input.id)),
    stopSession: id => answer('stopSession', id, () => find(id)),
    logoutSession: id => answer('logoutSession', id, () => find(id)),
    requestPairingCode: input =>
      answer('requestPairingCode', input, () => ({
        code: 'ABCD1234',
        expiresAt: AT,
        session: find(input.id),
      })),
    syncSession: input => answer('syncSession', input, () => find(input.id)),
    restoreSession: input =>
      answer('restoreSession', input, () => ({
        restoredFrom: input.from ?? 'file',
        session: find(input.id),
      })),
    deleteSession: input =>
      answer('deleteSession', input, () => {
        known.delete(find(input.id).id);
        return { deletedFrom: ['file'], pendingIn: ['tidb'], unlinked: true };
      }),
    sendText: input =>
      answer('sendText', input, () => ({ messageId: input.messageId ?? `3EB0${find(input.id).id}` })),
    readSession: id => answer('readSession', id, () => known.get(id)),
    listSessions: request =>
      answer('listSessions', request, () => {
        const visible = [...known.values()].filter(view => request.isVisible(view.id));
        const rest = visible.filter(view => view.id > (request.after ?? ''));
        return {
          sessions: rest.slice(0, request.first),
          hasNextPage: rest.length > request.first,
          totalCount: visible.length,
          unreachableStores: ['tidb'],
        };
      }),
    readHistory: (id, page) =>
      answer('readHistory', { id, ...page }, () => ({
        events: [{ id: 'E1', at: AT, status: 'CONNECTED', server: 'one' }],
        hasNextPage: false,
      })),
    readCopies: id => answer('readCopies', id, () => copies),
    readStores: () =>
      answer('readStores', undefined, () => [
        { name: 'file', order: 0, healthy: true, pendingChanges: 0, oldestPendingMs: 0 },
      ]),
    readKeys: () => answer('readKeys', undefined, () => ({ keys: [], unreadable: [] })),
    rotateKeys: request =>
      answer('rotateKeys', request, () => ({
        rewrapped: 1,
        current: 0,
        left: [],
        remaining: 0,
        endCursor: undefined,
      })),
    watchQr: id => watch('watchQr', { id }, qrStreams),
    watchStatus: target => watch('watchStatus', target, statusStreams),
    watchDeletions: target => watch('watchDeletions', target, deletionStreams),
    watchMessages: target => watch('watchMessages', target, messageStreams),
  };
}
