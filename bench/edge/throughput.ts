import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type IdleServer, readUrl } from '../idle-server.ts';
import type { LoadRequest, LoadResult } from './load.ts';

const besides = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const SCHEMA = fileURLToPath(new URL('../../../schema.graphql', import.meta.url));
const QUERY = '{ sessions { totalCount edges { node { id status linked createdAt } } } }';
const HOW = { connections: 16, warmUpMs: 1_500, measuredMs: 4_000 };
const run = promisify(execFile);

/** Of both servers: GraphQL checks itself more where it is not said. */
export const PRODUCTION = { NODE_ENV: 'production' };

export interface Throughput {
  readonly ours: readonly LoadResult[];
  readonly bare: readonly LoadResult[];
}

/** The same query, in turns, to our server and to the library alone, which answers what ours did. */
export async function measureThroughput(server: IdleServer, repetitions: number): Promise<Throughput> {
  const { sessions } = (await server.request(QUERY)) as { sessions?: unknown };
  const bareServer = spawn(
    process.execPath,
    [besides('./bare-server.js'), SCHEMA, JSON.stringify(sessions)],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...PRODUCTION } },
  );
  const exited = once(bareServer, 'exit');
  try {
    const token = await server.tokenFor('load');
    const bareUrl = await readUrl(bareServer.stdout);
    const [ours, bare]: [LoadResult[], LoadResult[]] = [[], []];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      bare.push(await load({ url: bareUrl, token, query: QUERY, ...HOW }));
      ours.push(await load({ url: server.url, token, query: QUERY, ...HOW }));
    }
    return { ours, bare };
  } finally {
    bareServer.kill();
    await exited;
  }
}

async function load(request: LoadRequest): Promise<LoadResult> {
  const { stdout } = await run(process.execPath, [besides('./load.js'), JSON.stringify(request)]);
  return JSON.parse(stdout);
}
