import { onTestFinished } from 'vitest';
import { dumpIfTestFails } from './dump.ts';
import type { Fleet } from './fleet.ts';

/** A fleet of one test ends with it, and leaves its story where that fails. */
export function endWithTest(fleet: Fleet): void {
  onTestFinished(() => fleet.close());
  dumpIfTestFails(fleet);
}
