import type { CopyState } from '../../core/sessions/session-views.ts';
import type { SessionFacts, StoreFacts } from './facts.ts';
import { type Check, type Finding, note, problem } from './finding.ts';

const LATE_MS = 60_000;
const NEW_LOGIN =
  'startSession shows a new code. For a new login of a linked session: logoutSession, then startSession.';

/** The stores, and what they hold of each session. */
export const SESSION_CHECKS: readonly Check[] = [
  { name: 'stores', find: ({ stores }) => stores.flatMap(judgeStore) },
  {
    name: 'copies',
    find: ({ sessions = [] }) => sessions.flatMap(judgeCopies),
  },
  {
    name: 'sessions',
    find({ sessions, sessionsUnknownBecause }) {
      if (sessions) return sessions.flatMap(judgeSession);
      if (sessionsUnknownBecause === undefined) return [];
      return [
        note(
          'SESSIONS_UNKNOWN',
          `Sessions were not looked at: ${sessionsUnknownBecause}.`,
          'Put right what stands above, or give --token, and ask again.',
        ),
      ];
    },
  },
  {
    name: 'sessions of older programs',
    find: ({ old: { waiting, refused, elsewhere } }) => [
      ...waiting.map(place =>
        note(
          'OLD_WAITING',
          `${place} is not taken over yet.`,
          'The next start takes it over. Stop the old program before.',
        ),
      ),
      ...refused.map(({ place, why }) =>
        problem(
          'OLD_REFUSED',
          `${place}: ${why}.`,
          'Put it right there, or remove it if it is not wanted; docs/migrating.md says more.',
        ),
      ),
      ...elsewhere.map(folder =>
        problem(
          'OLD_ELSEWHERE',
          `${folder} holds a login of Baileys, where no server looks for it.`,
          `sessiongraph import ${folder}`,
        ),
      ),
    ],
  },
];

function judgeStore({ store, kind, awaited, error, oldestPendingMs }: StoreFacts): Finding[] {
  if (error !== undefined) {
    const effect = awaited
      ? 'Sessions wait for it and do not run.'
      : 'Sessions go on without it, and it is filled when it is back.';
    return [problem('STORE_UNREACHABLE', `${error}. ${effect}`, howToReach(kind))];
  }
  if (oldestPendingMs < LATE_MS) return [];
  const seconds = Math.round(oldestPendingMs / 1_000);
  return [
    problem(
      'STORE_LAGS',
      `Store ${store} has been behind for ${seconds} s: local saves work, its copies do not follow.`,
      'The log has store.down or store.failing with the reason.',
    ),
  ];
}

function howToReach(kind: string): string {
  if (kind === 'mongo')
    return 'Check MONGODB_URI: host, user, password, and the list of addresses that may connect.';
  if (kind === 'tidb')
    return 'Check TIDB_HOST, TIDB_PORT, TIDB_USER, TIDB_PASSWORD and TIDB_TLS, and that it lets this address connect.';
  return 'Check the folder, its disk and its permissions.';
}

const COPY_FINDINGS: Partial<Record<CopyState, (place: string, error: string) => Finding>> = {
  UNDECRYPTABLE: (place, error) => wrongSecret(place, error),
  CORRUPT: (place, error) =>
    problem(
      'COPY_CORRUPT',
      `${place} is damaged (${error}). Nothing of it is used.`,
      'restoreSession from another store replaces it; its bytes are set aside.',
    ),
  DIVERGED: (place, error) =>
    problem(
      'COPY_DIVERGED',
      `${place} holds another history (${error}).`,
      'Two servers wrote at once. Look which is right, then restoreSession from that store.',
    ),
  UNREADABLE: (place, error) =>
    problem(
      'COPY_UNREADABLE',
      `${place} can not be read (${error}).`,
      'Check the permissions of its files, and the disk.',
    ),
  BEHIND: place =>
    note(
      'COPY_BEHIND',
      `${place} is behind.`,
      'It is brought up by a running server; syncSession waits for it.',
    ),
  MISSING: place =>
    note(
      'COPY_MISSING',
      `${place} is not there.`,
      'It is made by a running server; syncSession waits for it.',
    ),
};

const wrongSecret = (place: string, error: string): Finding =>
  problem(
    'WRONG_SECRET',
    `${place} does not open (${error}).`,
    'Set the SESSION_ENCRYPTION_SECRET it was sealed under, after the new one and a comma: new,old.',
  );

function judgeCopies({ id, copies }: SessionFacts): Finding[] {
  return copies.flatMap(({ store, state, error = state }) => {
    const make = COPY_FINDINGS[state];
    return make ? [make(`The copy of ${id} in ${store}`, error)] : [];
  });
}

function judgeSession({ id, status, linked, wanted, reason, error, copies }: SessionFacts): Finding[] {
  if (error) {
    if (copies.some(({ state }) => COPY_FINDINGS[state])) return [];
    if (error.code === 'DECRYPTION_FAILED') return [wrongSecret(`Session ${id}`, error.message)];
    return [
      problem(
        'SESSION_UNREADABLE',
        `Session ${id} can not be looked into: ${error.message}.`,
        'What stands above about stores and disks is the reason.',
      ),
    ];
  }
  switch (status) {
    case 'LOGGED_OUT':
      return [
        problem(
          'LOGGED_OUT',
          `Session ${id} was unlinked by its phone or by WhatsApp: its login is no longer valid anywhere.`,
          NEW_LOGIN,
        ),
      ];
    case 'FAILED':
    case 'QUARANTINED':
    case 'STANDBY':
      return [
        problem(
          'NEEDS_YOU',
          `Session ${id} is ${status}. ${reason ?? ''}`.trim(),
          'Put right what the reason says, then startSession.',
        ),
      ];
    default:
  }
  if (!linked)
    return [
      note(
        'NOT_LINKED',
        `Session ${id} is not linked to a phone.`,
        'sessiongraph qr ID shows a code to scan.',
      ),
    ];
  if (wanted === 'STOPPED')
    return [
      note(
        'STOPPED',
        `Session ${id} was stopped by somebody, and starts by nobody else.`,
        'startSession starts it.',
      ),
    ];
  return [];
}
