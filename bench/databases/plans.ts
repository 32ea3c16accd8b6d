import type { ServiceName } from '../../scripts/services/services.mjs';
import type { SystemName } from './database-system.ts';
import { LARGE, SMALL, type WorkloadName } from './workloads.ts';

/** What one system is asked to do on one server. */
export interface Plan {
  readonly system: SystemName;
  readonly workloads: readonly WorkloadName[];
  /** That have to be there before. */
  readonly sessions: readonly string[];
}

const EVERYTHING: readonly WorkloadName[] = ['pairing', 'updates-1k', 'updates-10k', 'message', 'updates-16'];

export function plansFor(engine: ServiceName, version: string): Plan[] {
  const whole = (system: SystemName): Plan => ({ system, workloads: EVERYTHING, sessions: [SMALL, LARGE] });
  const blob: Plan = {
    ...whole('whole-blob'),
    // Whoever writes everything each time gains nothing from several at once.
    workloads: EVERYTHING.filter(name => name !== 'updates-16'),
  };
  // FerretDB 1.x looks through all rows for each that keyv writes, whatever indexes there are: 1,000 take half a minute.
  const keyv = version.startsWith('FerretDB') ? [] : [whole('keyv-rows')];
  // A floor, which does not get lower by what is there already.
  const others: Plan[] = [...keyv, blob, { ...whole('bare-rows'), sessions: [] }];
  return engine === 'mongodb'
    ? [whole('sessiongraph'), ...others]
    : [whole('sessiongraph'), whole('mysql-baileys'), ...others];
}
