import { describe, inject, it } from 'vitest';
import { findProgram, reasonForNoProgram, thisMachine } from '../../scripts/services/find-server.mjs';
import type { Missing, Obtained } from '../../scripts/services/obtain.mjs';
import { requiredServices, type ServiceName } from '../../scripts/services/services.mjs';

/** A database server that tests may use; it is shared, so each suite makes databases of its own. */
export interface TestService {
  readonly url: string;
  /** As in `MariaDB 10.11.19`. */
  readonly version: string;
}

/** @throws Where a server that somebody named does not answer, or one that was found does not start. */
export async function serviceOf(name: ServiceName): Promise<TestService | undefined> {
  const answer = await askFor(name);
  return 'missing' in answer ? undefined : answer;
}

/** A group of tests that needs a service: skipped, with the reason, where there is none; a failure in CI. */
export function describeWithService(
  name: ServiceName,
  title: string,
  define: (service: TestService) => void | Promise<void>,
): void {
  describe(`${title} on ${name}`, async () => {
    const answer = await askFor(name);
    if ('missing' in answer) passOver(name, answer.missing);
    else await define(answer);
  });
}

/** The same for tests that start a server of their own, to kill it: a URL is not enough for those. */
export function describeWithOwnServer(name: ServiceName, title: string, define: () => void): void {
  describe(`${title} on ${name}`, () => {
    if (findProgram(name, thisMachine()) !== undefined) define();
    else passOver(name, `${reasonForNoProgram(name)}, and these tests kill it, so a URL is not enough`);
  });
}

/** The same for tests that need TLS, which takes parameters. */
export function describeWithTlsServer(name: ServiceName, title: string, define: () => void): void {
  describe(`${title} on ${name}`, () => {
    const found = findProgram(name, thisMachine());
    if (found?.server.tlsParameters) define();
    else
      passOver(name, found ? `${found.server.name} is not started with TLS here` : reasonForNoProgram(name));
  });
}

async function askFor(name: ServiceName): Promise<Obtained | Missing> {
  const response = await fetch(`${inject('serviceDeskUrl')}/${name}`);
  const answer = (await response.json()) as Obtained | Missing | { error: string };
  if ('error' in answer) throw new Error(`${name}: ${answer.error}`);
  return answer;
}

function passOver(name: ServiceName, reason: string): void {
  it('needs a server', ({ skip }) => {
    if (requiredServices(process.env).includes(name)) throw new Error(reason);
    // The reporter of skipped groups prints it.
    skip(reason);
  });
}
