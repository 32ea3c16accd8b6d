import { until } from '../support/condition.ts';
import type { Fleet } from './fleet.ts';
import type { Fault } from './journal.ts';

/** Whether any session ran twice, and whether anything was lost: WhatsApp's records against what users saw. */
export interface Verdict {
  readonly logins: number;
  /** Logins while another socket of the session was open: WhatsApp throws the older one out. */
  readonly kicks: number;
  /** Of these, the ones that no paused server explains: only one that is paused, or just was, may still have a socket. */
  readonly unexplainedKicks: number;
  /** How long a socket that was thrown out stayed open at most, its server's pauses not counted. */
  readonly longestOverlapMs: number;
  /** How many of them stayed open for longer than it takes to notice. */
  readonly longOverlaps: number;
  /** Messages to a session that WhatsApp counts as delivered. */
  readonly settled: number;
  /** Of these, the ones nobody saw because the server was killed meanwhile, or nobody had subscribed there yet. */
  readonly unseenByFault: number;
  /** Of these, the ones nobody saw, without such a reason. */
  readonly lost: readonly string[];
  readonly confirmed: number;
  /** Confirmed texts that never reached the contact. */
  readonly undelivered: readonly string[];
  /** Ownerships that began below what an earlier one had shown. */
  readonly wentBack: number;
  readonly anomalies: readonly unknown[];
  readonly undecryptable: number;
  /** QR codes that were shown after the pairings. */
  readonly qrCodes: number;
  readonly unhandledRejections: number;
}

/** What a verdict has to say of any fleet, whatever was done to it. */
export const FLAWLESS = {
  unexplainedKicks: 0,
  longOverlaps: 0,
  lost: [],
  undelivered: [],
  wentBack: 0,
  anomalies: [],
  undecryptable: 0,
  qrCodes: 0,
  unhandledRejections: 0,
} satisfies Partial<Verdict>;

/** A kill or a late subscription spoils what happens this shortly before and after, too: news take their time. */
const SHADOW_MS = 500;
/** A process that wants for the processor does late what it would do at once: notice that it slept, or was thrown out. */
const NOTICING_MS = 1_000;

/** To be asked when the fleet is whole again and its traffic has ended. */
export async function judge(fleet: Fleet): Promise<Verdict> {
  const { simulator, sessions, journal, servers } = fleet;
  for (const { id, device } of sessions)
    await until(
      `${id} is online with nothing left to settle`,
      () => device.isOnline && device.queued === 0,
      30_000,
    );
  await until('every confirmed text has arrived', () => undelivered().length === 0, 5_000).catch(() => {});
  // A client that runs on older state than it had takes for new what it has settled before.
  await Promise.all(sessions.map(({ device }) => device.replaySettled(10)));

  function undelivered(): string[] {
    const received = new Set(sessions.flatMap(({ contact }) => contact.received.map(({ text }) => text)));
    return [...journal.confirmed.values()].map(({ text }) => text).filter(text => !received.has(text));
  }

  const settled = simulator.settled.filter(({ text }) => journal.sent.has(text));
  const unseen = settled.filter(({ text }) => !journal.seen.has(text));
  const isExcused = ({ text, at }: { text: string; at: number }) =>
    journal.faults.some(
      fault => fault.kind !== 'paused' && touches(fault, journal.sent.get(text)?.at ?? at, at),
    );
  const kicks = simulator.connections.filter(
    ({ kind, detail }) => kind === 'kicked' && detail === 'replaced',
  );
  const wasPaused = (at: number) =>
    journal.faults.some(
      fault => fault.kind === 'paused' && (lasts(fault, at) || lasts(fault, at - NOTICING_MS)),
    );
  const overlapsMs = kicks.map(({ login, at }) => openAfter(fleet, login, at));
  return {
    logins: simulator.logins,
    kicks: kicks.length,
    unexplainedKicks: kicks.filter(({ at }) => !wasPaused(at)).length,
    longestOverlapMs: Math.max(0, ...overlapsMs),
    longOverlaps: overlapsMs.filter(ms => ms > NOTICING_MS).length,
    settled: settled.length,
    unseenByFault: unseen.filter(isExcused).length,
    lost: unseen.filter(message => !isExcused(message)).map(({ text }) => text),
    confirmed: journal.confirmed.size,
    undelivered: undelivered(),
    wentBack: countWentBack(fleet),
    anomalies: simulator.anomalies,
    undecryptable: sessions.reduce((sum, { contact }) => sum + contact.undecryptable.length, 0),
    qrCodes: simulator.qrCodesIssued - sessions.length,
    unhandledRejections: servers.reduce(
      (sum, server) => sum + count(server.output(), 'unhandled.rejection'),
      0,
    ),
  };
}

const lasts = ({ from, to = Number.POSITIVE_INFINITY }: Fault, at: number) => from <= at && at <= to;

const touches = (fault: Fault, from: number, to: number) =>
  fault.from - SHADOW_MS <= to && from <= (fault.to ?? fault.from) + SHADOW_MS;

/** How long the socket of a login stayed open after it was thrown out; while its server is paused it cannot know. */
function openAfter({ simulator, journal }: Fleet, login: number | undefined, kickedAt: number): number {
  const end = simulator.connections.find(({ kind, login: other }) => kind === 'closed' && other === login);
  const endAt = end?.at ?? Date.now();
  const paused = journal.faults.find(fault => fault.kind === 'paused' && lasts(fault, kickedAt));
  return endAt - Math.min(endAt, paused?.to ?? kickedAt);
}

/** Of two ownerships the later one has to begin where the earlier one was, or beyond. */
function countWentBack({ journal, sessions }: Fleet): number {
  return sessions.reduce((sum, { id }) => {
    const ofSession = journal.statuses
      .filter(({ sessionId, status }) => sessionId === id && status === 'CONNECTED')
      .sort((one, other) => one.epoch - other.epoch || one.revision - other.revision);
    const fell = ofSession.filter(({ revision }, place) => revision < (ofSession[place - 1]?.revision ?? 0));
    return sum + fell.length;
  }, 0);
}

const count = (text: string, word: string) => text.split(word).length - 1;
