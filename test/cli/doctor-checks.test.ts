import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/cli/doctor/facts.ts';
import { judge } from '../../src/cli/doctor.ts';
import { COPY_STATES, SESSION_STATUSES } from '../../src/core/sessions/session-views.ts';

const DIRECTORY = {
  store: 'file',
  path: 'data',
  state: 'OK',
  freeBytes: 2 ** 30,
  openToOthers: [],
  isVolume: false,
  holder: undefined,
};
const STORE = { store: 'file', kind: 'file', awaited: true, error: undefined, oldestPendingMs: 0 };
const SESSION = { id: 'shop', linked: true, wanted: 'RUNNING', reason: undefined, error: undefined } as const;
const WELL: Facts = {
  runtime: { node: '20.20.2', baileys: '7', wantedBaileys: '7', container: undefined },
  environment: [],
  directories: [DIRECTORY, DIRECTORY],
  serverAnswers: true,
  stores: [STORE, STORE],
  sessions: [],
  sessionsUnknownBecause: undefined,
  old: { waiting: [], refused: [], elsewhere: [] },
  whatsApp: undefined,
  issuer: undefined,
};
const codesOf = (facts: Partial<Facts>) =>
  judge({ ...WELL, ...facts }).flatMap(({ findings }) => findings.map(({ code }) => code));

/** What no test can bring about on the machine that it runs on. */
describe('the doctor judges', () => {
  it.each([
    ['20.19.0', []],
    ['24.1.0', []],
    ['20.18.3', ['NODE_TOO_OLD']],
    ['18.20.4', ['NODE_TOO_OLD']],
  ])('Node.js %s', (node, codes) => {
    expect(codesOf({ runtime: { ...WELL.runtime, node } })).toEqual(codes);
  });

  it('another Baileys than the one that was tested', () => {
    expect(codesOf({ runtime: { ...WELL.runtime, baileys: '6.17.16' } })).toEqual(['BAILEYS_DIFFERS']);
  });

  it('an issuer of tokens whose every token opens the server', () => {
    const host = 'login.example.com';
    expect(codesOf({ issuer: { host, isAudienceAsked: false } })).toEqual(['ANY_AUDIENCE']);
    expect(codesOf({ issuer: { host, isAudienceAsked: true } })).toEqual([]);
  });

  it('a container whose stores all end with it', () => {
    const runtime = { ...WELL.runtime, container: 'RENDER' };
    expect(codesOf({ runtime })).toEqual(['NOT_PERSISTENT']);
    expect(codesOf({ runtime, directories: [{ ...DIRECTORY, isVolume: true }] })).toEqual([]);
    expect(codesOf({ runtime, stores: [STORE, { ...STORE, kind: 'tidb' }] })).toEqual([]);
  });

  it('a store whose copies fall behind while it answers', () => {
    expect(codesOf({ stores: [STORE, { ...STORE, oldestPendingMs: 120_000 }] })).toEqual(['STORE_LAGS']);
  });

  it('a disk that is nearly full', () => {
    expect(codesOf({ directories: [{ ...DIRECTORY, freeBytes: 1_000 }] })).toEqual(['DISK_FULL']);
  });

  it.each(SESSION_STATUSES)('a session that is %s', status => {
    const waiting = {
      LOGGED_OUT: ['LOGGED_OUT'],
      FAILED: ['NEEDS_YOU'],
      QUARANTINED: ['NEEDS_YOU'],
      STANDBY: ['NEEDS_YOU'],
    };
    const expected = (waiting as Record<string, string[]>)[status] ?? [];
    expect(codesOf({ sessions: [{ ...SESSION, status, copies: [] }] })).toEqual(expected);
  });

  it('every state of a copy that needs somebody', () => {
    const copies = COPY_STATES.map(state => ({ store: 'file', state }));
    const found = codesOf({ sessions: [{ ...SESSION, status: 'CONNECTED', copies }] });
    expect(found).toEqual([
      'COPY_BEHIND',
      'COPY_MISSING',
      'COPY_UNREADABLE',
      'COPY_CORRUPT',
      'WRONG_SECRET',
      'COPY_DIVERGED',
    ]);
  });
});
