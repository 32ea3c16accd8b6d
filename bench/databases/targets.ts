import type { ServiceName } from '../../scripts/services/services.mjs';
import { checkTarget, type Target, type TargetResult } from '../target.ts';
import type { SystemName } from './database-system.ts';
import { type Collected, type Summary, summarise, summariseRestore } from './results.ts';
import type { WorkloadName } from './workloads.ts';

/** Figures of one engine; NaN where there are none. */
interface Figures {
  near(workload: WorkloadName, system?: SystemName): Summary;
  far(workload: WorkloadName, system?: SystemName): Summary;
  restore(): { readonly chainMs: number; readonly bareMs: number };
}

const TARGETS: readonly Target<Figures>[] = [
  {
    what: 'round trips that a received message waits for',
    ...{ limit: 1, unit: '', bound: 'at-most' },
    value: of => of.far('message').awaitedRoundTrips,
  },
  {
    what: 'statements for 812 pre-keys and the credentials, transaction brackets aside',
    ...{ limit: 3, unit: '', bound: 'at-most' },
    value: of => of.far('pairing').commands,
  },
  {
    what: 'pairing burst, times faster than a row a statement',
    ...{ limit: 5, unit: '×', bound: 'at-least' },
    value: of => rowByRow(of.near).msEach / of.near('pairing').msEach,
  },
  {
    what: 'the same, 10 ms away',
    ...{ limit: 5, unit: '×', bound: 'at-least' },
    value: of => rowByRow(of.far).msEach / of.far('pairing').msEach,
  },
  {
    what: 'an update at 10,000 keys, against one at 1,000',
    ...{ limit: 1.2, unit: '×', bound: 'at-most' },
    value: of => of.near('updates-10k').msEach / of.near('updates-1k').msEach,
  },
  {
    what: 'an update at 10,000 keys, times faster than a whole blob',
    ...{ limit: 100, unit: '×', bound: 'at-least' },
    value: of => of.near('updates-10k', 'whole-blob').msEach / of.near('updates-10k').msEach,
  },
  {
    what: 'and times fewer bytes sent',
    ...{ limit: 1_000, unit: '×', bound: 'at-least' },
    value: of => of.far('updates-10k', 'whole-blob').sentBytes / of.far('updates-10k').sentBytes,
  },
  {
    what: 'restore onto an empty disk, against a bare copy of the same bytes',
    ...{ limit: 1.5, unit: '×', bound: 'at-most' },
    value: of => of.restore().chainMs / of.restore().bareMs,
  },
];

/** `mysql-baileys` where it runs; keyv elsewhere. */
function rowByRow(summaryOf: Figures['near']): Summary {
  const found = summaryOf('pairing', 'mysql-baileys');
  return Number.isNaN(found.msEach) ? summaryOf('pairing', 'keyv-rows') : found;
}

const NOTHING: Summary = {
  ...{ msEach: Number.NaN, lowestMs: Number.NaN, highestMs: Number.NaN, commands: Number.NaN },
  ...{
    sentBytes: Number.NaN,
    receivedBytes: Number.NaN,
    roundTrips: Number.NaN,
    awaitedRoundTrips: Number.NaN,
  },
};

export function checkTargets(engine: ServiceName, collected: Collected): TargetResult[] {
  const figuresOf =
    (way: 'near' | 'far'): Figures['near'] =>
    (workload, system = 'sessiongraph') =>
      summarise(collected, { engine, system, workload, way }) ?? NOTHING;
  const figures: Figures = {
    near: figuresOf('near'),
    far: figuresOf('far'),
    restore: () => summariseRestore(collected, engine) ?? { chainMs: Number.NaN, bareMs: Number.NaN },
  };
  return TARGETS.map(target => checkTarget(target, figures));
}
