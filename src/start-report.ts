import type { BuildInfo } from './build-info.ts';
import type { Config, TokenConfig } from './config.ts';
import { systemClock } from './core/clock.ts';
import { answerWithin } from './core/deadline.ts';
import type { Measurements } from './core/measurements.ts';
import type { SessionStatus } from './core/sessions/session-views.ts';
import type { SessionStore } from './core/store.ts';
import { drawTable } from './table.ts';

/** How long a store may take to list what it holds, before the report goes on without. */
const LIST_MS = 2_000;

/** What somebody who starts the server wants to see at once, and nothing secret. */
export interface StartReport extends BuildInfo {
  readonly url: string;
  readonly instance: string;
  /** How bearer tokens are verified. */
  readonly authentication: string;
  readonly stores: readonly StoreLine[];
  /** Those statuses only that some session has. */
  readonly sessions: Partial<Readonly<Record<SessionStatus, number>>>;
}

export interface StoreLine {
  /** Place in the chain, from 1. */
  readonly order: number;
  readonly store: string;
  readonly kind: string;
  readonly awaited: boolean;
  readonly reachable: boolean;
  /** How many sessions it holds something of, deleted ones included; null where it could not say. */
  readonly sessions: number | null;
}

export interface ReportSources {
  readonly config: Config;
  readonly build: BuildInfo;
  readonly url: string;
  readonly instance: string;
  readonly stores: readonly SessionStore[];
  readonly measure: () => Promise<Measurements>;
}

export async function createStartReport(sources: ReportSources): Promise<StartReport> {
  const { config, build, url, instance, stores, measure } = sources;
  const [measured, counts] = await Promise.all([measure(), Promise.all(stores.map(countSessions))]);
  const lines = measured.stores.map(({ name, order, healthy }) => ({
    order: order + 1,
    store: name,
    kind: config.stores[order]?.kind ?? 'unknown',
    awaited: config.awaitedStores.includes(name),
    reachable: healthy,
    sessions: counts[order] ?? null,
  }));
  const found = Object.entries(measured.sessionsByStatus).filter(([, count]) => count > 0);
  const authentication = describeTokens(config.tokens);
  return { ...build, url, instance, authentication, stores: lines, sessions: Object.fromEntries(found) };
}

/** For a terminal. */
export function drawStartReport(report: StartReport): string {
  const { version, node, baileys, instance, authentication, stores, sessions } = report;
  const counts = Object.entries(sessions).map(([status, count]) => `${count} ${status}`);
  const yesOrNo = (is: boolean) => (is ? 'yes' : 'no');
  const rows = stores.map(line => ({
    ...line,
    awaited: yesOrNo(line.awaited),
    reachable: yesOrNo(line.reachable),
  }));
  return [
    `sessiongraph ${version}, Baileys ${baileys}, Node.js ${node}`,
    `instance ${instance}, port ${new URL(report.url).port}, tokens: ${authentication}`,
    `sessions: ${counts.join(', ') || 'none yet'}`,
    drawTable(rows),
  ].join('\n');
}

function describeTokens({ keys, issuer, audience }: TokenConfig): string {
  const asked = [
    ...(issuer === undefined ? [] : ['of one issuer']),
    ...(audience === undefined ? [] : ['for one audience']),
  ];
  return [describeKeys(keys), ...asked].join(', ');
}

function describeKeys(keys: TokenConfig['keys']): string {
  if (keys === undefined) return 'HS256 by the secret made in the data folder';
  if ('secret' in keys) return 'HS256 by AUTH_JWT_SECRET';
  return `RS256, ES256 or EdDSA by the keys of ${new URL(keys.jwksUrl).host}`;
}

async function countSessions(store: SessionStore): Promise<number | null> {
  const count = async () => {
    let found = 0;
    for await (const ids of store.listSessions()) found += ids.length;
    return found;
  };
  return answerWithin(store.name, { clock: systemClock, ms: LIST_MS }, count).catch(() => null);
}
