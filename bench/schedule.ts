import type { SystemName } from './bench-system.ts';
import type { PhaseName, StateName } from './phases.ts';

/** One line of the table for one system. */
export interface Cell {
  readonly system: SystemName;
  readonly phase: PhaseName;
  readonly state: StateName;
}

const ALL: readonly SystemName[] = ['sessiongraph', 'multi-file', 'creds-only', 'whole-blob'];
const KEEPING_KEYS: readonly SystemName[] = ['sessiongraph', 'multi-file', 'whole-blob'];
const KEY_BY_KEY: readonly SystemName[] = ['sessiongraph', 'multi-file'];

const WORKLOADS: readonly {
  readonly phase: PhaseName;
  readonly states: readonly StateName[];
  readonly systems: readonly SystemName[];
}[] = [
  { phase: 'pairing', states: ['nothing'], systems: ALL },
  { phase: 'updates', states: ['1k', '10k'], systems: ALL },
  { phase: 'updates-16', states: ['1k', '10k'], systems: KEY_BY_KEY },
  { phase: 'open', states: ['1k', '10k', '20k-pre-keys'], systems: KEEPING_KEYS },
  { phase: 'copy', states: ['10k'], systems: KEEPING_KEYS },
  { phase: 'memory', states: ['1k', '10k'], systems: ['sessiongraph', 'whole-blob'] },
];

export const CELLS: readonly Cell[] = WORKLOADS.flatMap(({ phase, states, systems }) =>
  states.flatMap(state => systems.map(system => ({ system, phase, state }))),
);

export const nameOf = ({ system, phase, state }: Cell): string => `${phase}/${state}/${system}`;

/** In another order each time, so that no system always runs when the machine is warm, or busy. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map(item => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
