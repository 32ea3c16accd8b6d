import type { SystemName } from './bench-system.ts';
import { KEY_COUNTS, type PhaseName, type StateName } from './phases.ts';
import { pick, type Summaries, type Summary } from './summary.ts';

export interface TargetResult {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly isMet: boolean;
}

interface Target {
  readonly what: string;
  readonly limit: number;
  readonly unit: '×' | 'ms' | 'bytes';
  /** `at-most`, where less is better. */
  readonly bound: 'at-most' | 'at-least';
  readonly value: (of: Picker) => number;
}

type Picker = (phase: PhaseName, state: StateName, system?: SystemName) => Summary;

const TARGETS: readonly Target[] = [
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
  return TARGETS.map(({ what, limit, unit, bound, value }) => {
    const measured = value(of);
    return {
      what,
      target: `${bound === 'at-most' ? '≤' : '≥'} ${limit.toLocaleString('en')} ${unit}`,
      measured: `${shown(measured)} ${unit}`,
      isMet: bound === 'at-most' ? measured <= limit : measured >= limit,
    };
  });
}

export function shown(value: number): string {
  if (Number.isNaN(value)) return '?';
  return value.toLocaleString('en', {
    maximumSignificantDigits: value >= 100 ? 6 : 3,
    maximumFractionDigits: 2,
  });
}
