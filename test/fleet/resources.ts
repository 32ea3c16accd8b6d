import { readdir, readlink } from 'node:fs/promises';
import type { HeldMemory } from '../support/held-memory.ts';
import { median } from '../support/quantile.ts';
import type { Fleet } from './fleet.ts';
import type { FleetServer } from './fleet-server.ts';

/** What a process costs. */
export interface Resources extends HeldMemory {
  readonly server: string;
  readonly pid: number;
  /** Those that do not belong to a session that is connected here. */
  readonly spareSockets: number;
}

export interface Growth {
  readonly server: string;
  readonly liveBytes: Ends;
  readonly residentBytes: Ends;
  readonly spareSockets: Ends;
}

/** A figure at the beginning and at the end. */
type Ends = readonly [number, number];

/** 0.05 is five per cent more. */
export const shareGrown = ([from, to]: Ends) => to / from - 1;
export const grown = ([from, to]: Ends) => to - from;

/** Of the servers that are up. */
export async function measureAll(fleet: Fleet): Promise<Resources[]> {
  const measured = await Promise.all(fleet.servers.map(server => measure(fleet, server)));
  return measured.filter(one => one !== undefined);
}

async function measure(fleet: Fleet, server: FleetServer): Promise<Resources | undefined> {
  const { name, pid, condition } = server;
  if (pid === undefined || condition !== 'up') return undefined;
  const connected = fleet.sessions.filter(({ id }) => fleet.runnerOf(id) === server).length;
  const spareSockets = (await countSockets(pid)) - connected;
  return { server: name, pid, spareSockets, ...(await server.heldMemory()) };
}

async function countSockets(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fd`;
  // A descriptor may be closed while the list is read.
  const links = (await readdir(folder)).map(name => readlink(`${folder}/${name}`).catch(() => ''));
  return (await Promise.all(links)).filter(link => link.startsWith('socket:')).length;
}

/** Of each process that lived from the first sample to the last: the median of either end. */
export function growthBetween(early: readonly Resources[], late: readonly Resources[]): Growth[] {
  return [...new Set(early.map(({ pid }) => pid))].flatMap(pid => {
    const [before, after] = [early, late].map(list => list.filter(one => one.pid === pid));
    if (!before?.[0] || !after?.[0]) return [];
    const ends = (of: (one: Resources) => number): Ends => [median(before.map(of)), median(after.map(of))];
    return {
      server: before[0].server,
      liveBytes: ends(one => one.liveBytes),
      residentBytes: ends(one => one.residentBytes),
      spareSockets: ends(one => one.spareSockets),
    };
  });
}
