import { setTimeout as pause } from 'node:timers/promises';

const STEP_DEADLINE_MS = 20_000;
const CLAIM_WIDTH = 92;

/** Tells the story as plain lines, each of them checked before it is told. */
export interface Narrator {
  /** Whether there is a terminal at the other end. */
  readonly hasColours: boolean;
  heading(text: string): void;
  /** Tells the claim once `prove` has resolved. Rejects with a `StepFailed` that names it. */
  step<T>(claim: string, prove: () => Promise<T>): Promise<T>;
  /** What belongs to the step before. */
  detail(text: string): void;
}

/** The first step that turned out not to be true. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(claim: string, cause: unknown) {
    super(`${claim}: ${(cause as Error).message}`, { cause });
  }
}

export function createNarrator(out: NodeJS.WriteStream): Narrator {
  const hasColours = out.isTTY === true;
  const paint = (code: number, text: string) => (hasColours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const print = (line: string) => void out.write(`${line}\n`);
  const [bold, green, faint] = [1, 32, 2];

  return {
    hasColours,
    heading: text => print(`\n${paint(bold, text)}`),
    detail(text) {
      for (const line of text.split('\n')) print(`      ${line}`);
    },
    async step(claim, prove) {
      const beganAt = performance.now();
      const result = await withinDeadline(prove).catch(cause => {
        throw new StepFailed(claim, cause);
      });
      const took = `${Math.round(performance.now() - beganAt)} ms`;
      print(`  ${paint(green, '✓')} ${claim.padEnd(CLAIM_WIDTH)} ${paint(faint, took.padStart(8))}`);
      return result;
    },
  };
}

async function withinDeadline<T>(prove: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const tooLate = pause(STEP_DEADLINE_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not true within ${STEP_DEADLINE_MS / 1_000} s`);
  });
  return Promise.race([prove(), tooLate]).finally(() => over.abort());
}

/** For what has to be true at once. */
export function check(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}
