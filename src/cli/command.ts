import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CommandFailure, EXIT } from './exit-codes.ts';

/** One command of the command line. */
export interface Command {
  /** What `--help` prints; the first line is the form of the command. */
  readonly help: string;
  /** Beside `--help` and `--json`, which all have. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Prints what it found; throws where it could not do what was asked. */
  run(call: Call): Promise<void>;
}

/** What is around a call: of the process, or of a test. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Take one or more whole lines, without the last line break. */
  write(text: string): void;
  writeError(text: string): void;
}

export interface Call {
  /** What stands beside the options, in order. */
  readonly words: readonly string[];
  /** The value of an option. */
  text(name: string): string | undefined;
  /** Whether a switch is given. */
  has(name: string): boolean;
  readonly environment: Surroundings['environment'];
  /** For people, or with `--json` one document for programs. */
  print(forPeople: string, forPrograms: unknown): void;
}

const COMMON = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const;

/** Reads the arguments; a command that does not know one of them is not run. */
export function readCall({ options }: Command, args: readonly string[], around: Surroundings): Call {
  const { values, positionals } = parse(options, args);
  const has = (name: string) => values[name] === true;
  return {
    words: positionals,
    environment: around.environment,
    has,
    text(name) {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    print(forPeople, forPrograms) {
      around.write(has('json') ? JSON.stringify(forPrograms) : forPeople);
    },
  };
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parse(options: Command['options'], args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options: { ...options, ...COMMON }, allowPositionals: true });
  } catch (error) {
    throw new CommandFailure(EXIT.usage, 'BAD_ARGUMENTS', (error as Error).message);
  }
}

/** The words a command needs, by name; neither fewer nor more than there are names. */
export function readWords({ words }: Pick<Call, 'words'>, names: readonly string[]): string[] {
  const missing = names[words.length];
  if (missing !== undefined) throw badArguments(`${missing} is missing`);
  if (words.length > names.length) throw badArguments(`${words[names.length]} is one word too many`);
  return [...words];
}

export function badArguments(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, 'BAD_ARGUMENTS', message);
}
