import type { z } from 'zod';

export interface Problem {
  readonly variable: string;
  readonly message: string;
}

/** Names every bad variable at once. The messages never hold a value: it may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ variable, message }) => `\n  ${variable}: ${message}`);
    super(`The configuration cannot be used:${lines.join('')}`);
    this.problems = problems;
  }
}

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Reads variables one by one and gathers what is wrong with them, so that one start shows it all. */
export interface Environment {
  /** The variable by its schema; undefined where it is bad, which is noted, or where the schema lets it be absent. */
  read<T>(variable: string, schema: z.ZodType<T>): T | undefined;
  isSet(variable: string): boolean;
  refuse(variable: string, message: string): void;
  readonly problems: readonly Problem[];
}

export function createEnvironment(raw: RawEnvironment): Environment {
  const problems: Problem[] = [];
  // Compose files and hosting panels pass `X=` for a variable that nobody filled in.
  const given = (variable: string) => (raw[variable]?.trim() === '' ? undefined : raw[variable]);
  return {
    problems,
    isSet: variable => given(variable) !== undefined,
    refuse: (variable, message) => problems.push({ variable, message }),
    read(variable, schema) {
      const result = schema.safeParse(given(variable));
      if (result.success) return result.data;
      for (const { message } of result.error.issues) problems.push({ variable, message });
      return undefined;
    },
  };
}
