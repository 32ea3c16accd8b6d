import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { makeBenchFolder } from './bench-folder.ts';
import type { PhaseResult } from './phases.ts';
import { renderReport } from './report.ts';
import { prepareCells, runCell } from './run-phase.ts';
import { CELLS, nameOf, shuffled } from './schedule.ts';
import { type Summaries, summarise } from './summary.ts';
import { checkTargets } from './targets.ts';

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, repetitions: { type: 'string', default: '5' } },
});
const repetitions = Number(options.repetitions);
const loads: number[] = [];

async function measureAll(root: string): Promise<Summaries> {
  const results = new Map<string, PhaseResult[]>(CELLS.map(cell => [nameOf(cell), []]));
  await prepareCells(root, CELLS);
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    for (const cell of shuffled(CELLS)) {
      loads.push(loadavg()[0] ?? Number.NaN);
      results.get(nameOf(cell))?.push(await runCell(root, cell));
    }
    process.stderr.write(`repetition ${repetition} of ${repetitions} done, load ${loads.at(-1)}\n`);
  }
  return new Map(CELLS.map(cell => [nameOf(cell), summarise(cell, results.get(nameOf(cell)) ?? [])]));
}

function describeMachine(): string {
  const average = loads.reduce((total, load) => total + load, 0) / loads.length;
  const [cores, node] = [availableParallelism(), process.version];
  return `${cores} cores, Node ${node}, ${process.platform}, load ${average.toFixed(1)}, median of ${repetitions}`;
}

const root = await makeBenchFolder();
try {
  const summaries = await measureAll(root);
  const machine = describeMachine();
  const targets = checkTargets(summaries);
  console.log(`${machine}\n\n${renderReport(summaries)}`);
  if (options.json) {
    const content = { machine, targets, cells: [...summaries.values()] };
    await writeFile(options.json, `${JSON.stringify(content, undefined, 2)}\n`);
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
