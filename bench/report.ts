import { CELLS, nameOf } from './schedule.ts';
import { pick, type Summaries, type Summary } from './summary.ts';
import { shown } from './target.ts';
import { checkTargets } from './targets.ts';

const TITLES = {
  pairing: 'pairing burst: 812 pre-keys and the credentials',
  updates: 'one signal session changed, awaited; one at a time',
  'updates-16': 'the same, 16 in flight',
  open: 'cold open, ready to answer',
  copy: 'a whole copy',
  memory: 'memory of a session, open and idle',
} as const;

const STATES = {
  nothing: 'new',
  '1k': '1,000 keys',
  '10k': '10,000 keys',
  '20k-pre-keys': '20,000 pre-keys',
} as const;

/** Markdown, as it stands in docs/benchmarks.md. */
export function renderReport(summaries: Summaries): string {
  const rows = CELLS.map(cell => row(pick(summaries, cell), summaries));
  const targets = checkTargets(summaries).map(
    ({ what, target, measured, verdict }) => `| ${what} | ${target} | ${measured} | ${verdict} |`,
  );
  return [
    '| workload | state | system | ms each | lowest to highest | against multi-file | CPU ms | syncs | bytes each |',
    '| --- | --- | --- | --: | --: | --: | --: | --: | --: |',
    ...rows,
    '',
    '| target | | measured | |',
    '| --- | --- | --- | --- |',
    ...targets,
  ].join('\n');
}

function row(summary: Summary, summaries: Summaries): string {
  const { cell } = summary;
  const cells = [TITLES[cell.phase], STATES[cell.state], cell.system];
  const values =
    cell.phase === 'memory'
      ? [`${shown(summary.heapBytes / 1024)} KiB`, '', '', '', '', '']
      : [
          shown(summary.msEach),
          `${shown(summary.lowestMs)} to ${shown(summary.highestMs)}`,
          ratio(summary, summaries),
          shown(summary.cpuMsEach),
          shown(summary.syncs / summary.operations),
          shown(Math.round(summary.bytesEach)),
        ];
  return `| ${[...cells, ...values].join(' | ')} |`;
}

function ratio({ cell, msEach }: Summary, summaries: Summaries): string {
  const reference = summaries.get(nameOf({ ...cell, system: 'multi-file' }));
  return reference ? `${shown(msEach / reference.msEach)} ×` : '';
}
