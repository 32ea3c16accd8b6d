import { readdir, readlink } from 'node:fs/promises';
import { median } from '../support/quantile.ts';
import { residentBytes } from '../support/resident-memory.ts';
import type { Fleet } from './fleet.ts';
import type { FleetServer } from './fleet-server.ts';

/** What a process costs, as Linux counts it. */
export interface Resources {
  readonly server: string;
  readonly pid: number;
  readonly residentBytes: number;
  /** Those that do not belong to a session that is connected here. */
  readonly spareSockets: number;
}

export interface Growth {
  readonly server: string;
  /** 0.05 is five per cent more. */
  readonly residentShare: number;
  readonly sockets: number;
}

export async function measureAll(fleet: Fleet): Promise<Resources[]> {
  const measured = await Promise.all(fleet.servers.map(server => measure(fleet, server)));
  return measured.filter(one => one !== undefined);
}

async function measure(fleet: Fleet, server: FleetServer): Promise<Resources | undefined> {
  const { name, pid } = server;
  if (pid === undefined) return undefined;
  const connected = fleet.sessions.filter(({ id }) => fleet.runnerOf(id) === server).length;
  const spareSockets = (await countSockets(pid)) - connected;
  return { server: name, pid, residentBytes: residentBytes(pid), spareSockets };
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
    const grown = (of: (one: Resources) => number) =>
      [median(before.map(of)), median(after.map(of))] as const;
    const [bytesBefore, bytesAfter] = grown(one => one.residentBytes);
    const [socketsBefore, socketsAfter] = grown(one => one.spareSockets);
    return {
      server: before[0].server,
      residentShare: bytesAfter / bytesBefore - 1,
      sockets: socketsAfter - socketsBefore,
    };
  });
}
