import type { Facts } from './facts.ts';

/** One thing that is not as it should be (`problem`), or that is good to know (`note`). */
export interface Finding {
  readonly level: 'problem' | 'note';
  /** Stable; docs/operations.md lists them. */
  readonly code: string;
  /** What was found, and what follows from it. */
  readonly what: string;
  readonly fix: string;
}

/** Judges one side of what was found out. Pure: no finding means that all is well. */
export interface Check {
  readonly name: string;
  find(facts: Facts): Finding[];
}

export const problem = (code: string, what: string, fix: string): Finding => ({
  level: 'problem',
  code,
  what,
  fix,
});

export const note = (code: string, what: string, fix: string): Finding => ({
  level: 'note',
  code,
  what,
  fix,
});
