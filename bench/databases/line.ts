import mysql from 'mysql2';
import { type FaultProxy, startFaultProxy } from '../../test/support/fault-proxy.ts';
import { isMongo } from './database-system.ts';

/** What went between a process and its server so far. Bytes and round trips are seen only with a way added. */
export interface Traffic {
  readonly commands: number;
  readonly toServer: number;
  readonly toClient: number;
  readonly roundTrips: number;
}

export interface Line {
  /** Where to connect. */
  readonly url: URL;
  readonly onCommand: () => void;
  traffic(): Traffic;
}

/** To a server in another data centre, as the far way has it. */
export const ADDED_MS = 10;

/** The way to a server from here on; `addedMs` is added to every round trip. */
export async function openLine(server: URL, addedMs: number): Promise<Line> {
  const url = new URL(server);
  let commands = 0;
  const onCommand = () => {
    commands += 1;
  };
  if (!isMongo(server)) countSqlStatements(onCommand);
  let proxy: FaultProxy | undefined;
  if (addedMs > 0) {
    proxy = await startFaultProxy({ port: Number(server.port), host: server.hostname });
    proxy.become({ kind: 'latency', ms: addedMs / 2 });
    url.port = String(proxy.port);
  }
  const seen = proxy?.traffic ?? { toServer: 0, toClient: 0, roundTrips: 0 };
  return { url, onCommand, traffic: () => ({ ...seen, commands }) };
}

/** They are round trips, and no statements. */
const BRACKETS = new Set(['START TRANSACTION', 'COMMIT']);
const textOf = (given: unknown) => (typeof given === 'string' ? given : (given as { sql: string }).sql);

/** Of every library in this process: they share one driver, which tells nobody what it sends. */
function countSqlStatements(onStatement: () => void): void {
  const { prototype } = mysql.Connection as unknown as { prototype: Record<string, unknown> };
  for (const method of ['query', 'execute']) {
    const send = prototype[method] as (...given: unknown[]) => unknown;
    prototype[method] = function counted(this: unknown, ...given: unknown[]) {
      if (!BRACKETS.has(textOf(given[0]))) onStatement();
      return send.apply(this, given);
    };
  }
}

export const difference = (after: Traffic, before: Traffic): Traffic => ({
  commands: after.commands - before.commands,
  toServer: after.toServer - before.toServer,
  toClient: after.toClient - before.toClient,
  roundTrips: after.roundTrips - before.roundTrips,
});
