import { SYSTEMS, type SystemName } from './database-system.ts';
import { ADDED_MS, openLine } from './line.ts';
import { type Measured, measure } from './measure.ts';
import { type RestoreResult, type RestoreWay, restore } from './restore.ts';
import { fill, PREPARED, type WorkloadName, workloadOf } from './workloads.ts';

/** What one process is to do. Each system is given processes of its own: some keep one connection for all their life. */
export type Request = { readonly url: string } & (
  | { readonly task: 'prepare'; readonly system: SystemName; readonly sessions: readonly string[] }
  | {
      readonly task: 'measure';
      readonly system: SystemName;
      readonly way: 'near' | 'far';
      readonly workloads: readonly WorkloadName[];
      readonly updates: number;
    }
  | { readonly task: 'restore'; readonly way: RestoreWay; readonly folder: string }
);

export interface Answers {
  readonly prepare: null;
  readonly measure: readonly Measured[];
  readonly restore: RestoreResult;
}

async function answer(request: Request): Promise<Answers[keyof Answers]> {
  const line = await openLine(
    new URL(request.url),
    request.task === 'measure' && request.way === 'far' ? ADDED_MS : 0,
  );
  switch (request.task) {
    case 'prepare':
      for (const session of request.sessions) {
        const opened = await SYSTEMS[request.system]({ ...line, session });
        await fill(opened, PREPARED[session] ?? 0);
        await opened.close();
      }
      return null;
    case 'measure': {
      const results: Measured[] = [];
      for (const name of request.workloads)
        results.push(await measure(request.system, line, workloadOf(name, request.updates)));
      return results;
    }
    case 'restore':
      return restore(request.way, line.url, request.folder);
  }
}

console.log(JSON.stringify(await answer(JSON.parse(process.argv[2] ?? ''))));
process.exit(0);
