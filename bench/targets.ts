import type { SystemName } from './bench-system.ts';
import { KEY_COUNTS, type PhaseName, type StateName } from './phases.ts';
import { pick, type Summaries, type Summary } from './summary.ts';
import { checkTarget, type Target, type TargetResult } from './target.ts';

type Picker = (phase: PhaseName, state: StateName, system?: SystemName) => Summary;

const TARGETS: readonly Target<Picker>[] = [
  {
    what: 'a sealed and durable update at 10,000 keys, against a multi-file one that is neither',
    ...{ limit: 1.25, unit: '×', bound: 'at-most' },
    value: of => of('updates', '10k').msEach / of('updates', '10k', 'multi-file').msEach,
  },
  {
    what: 'an update at 10,000 keys, against one at 1,000',
    ...{ limit: 1.2, unit: '×', bound: 'at-most' },
    value: of => of('updates', '10k').msEach / of('updates', '1k').msEach,
  },
  {
    what: 'pairing burst, times faster than multi-file',
    ...{ limit: 4, unit: '×', bound: 'at-least' },
    value: of => of('pairing', 'nothing', 'multi-file').msEach / of('pairing', 'nothing').msEach,
  },
  {
    what: 'each of 16 updates in flight, at 10,000 keys',
    ...{ limit: 0.2, unit: 'ms', bound: 'at-most' },
    value: of => of('updates-16', '10k').msEach,
  },
  {
    what: 'bytes written for a byte of payload',
    ...{ limit: 1.3, unit: '×', bound: 'at-most' },
    value: of => of('updates', '10k').bytesEach / of('updates', '10k').payloadEach,
  },
  {
    what: 'an update at 10,000 keys, times faster than a whole blob that loses nothing',
    ...{ limit: 100, unit: '×', bound: 'at-least' },
    value: of => of('updates', '10k', 'whole-blob').msEach / of('updates', '10k').msEach,
  },
  {
    what: 'and times fewer bytes',
    ...{ limit: 1_000, unit: '×', bound: 'at-least' },
    value: of => of('updates', '10k', 'whole-blob').bytesEach / of('updates', '10k').bytesEach,
  },
  {
    what: 'cold open with 20,000 pre-keys',
    ...{ limit: 1_000, unit: 'ms', bound: 'at-most' },
    value: of => of('open', '20k-pre-keys').msEach,
  },
  {
    what: 'memory for a key of an idle session',
    ...{ limit: 64, unit: 'bytes', bound: 'at-most' },
    value: of => memoryPerKey(of, 'sessiongraph'),
  },
];

/** By the difference of two sizes, so that what any session takes is not counted. */
function memoryPerKey(of: Picker, system: SystemName): number {
  const grown = of('memory', '10k', system).heapBytes - of('memory', '1k', system).heapBytes;
  return grown / (KEY_COUNTS['10k'] - KEY_COUNTS['1k']);
}

export function checkTargets(summaries: Summaries): TargetResult[] {
  const of: Picker = (phase, state, system = 'sessiongraph') => pick(summaries, { phase, state, system });
  return TARGETS.map(target => checkTarget(target, of));
}
