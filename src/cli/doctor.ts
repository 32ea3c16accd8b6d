import { API_OPTIONS } from './api.ts';
import { type Command, readWords } from './command.ts';
import { CHECKS } from './doctor/checks.ts';
import type { Facts } from './doctor/facts.ts';
import type { Finding } from './doctor/finding.ts';
import { gatherFacts } from './doctor/gather-facts.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

interface Verdict {
  readonly check: string;
  readonly findings: readonly Finding[];
}

export const doctor: Command = {
  help: `sessiongraph doctor [--url URL] [--token TOKEN] [--json]

Looks for what keeps sessions from running or from being safe, and says what to do. It reads the environment of the
server: run it where the server runs. Where one answers it is asked; else the stores are opened. It changes nothing
but what a start would make as well. Ends with 1 where there are problems; docs/operations.md explains each.

  --url URL       of the server, where HOST and PORT do not lead to it
  --token TOKEN   one with sessions:read, where the environment has no AUTH_JWT_SECRET to make one with`,
  options: API_OPTIONS,
  async run(call) {
    readWords(call, []);
    const verdicts = judge(await gatherFacts(call));
    const problems = verdicts.flatMap(({ findings }) => findings.filter(({ level }) => level === 'problem'));
    call.print(draw(verdicts), { healthy: problems.length === 0, checks: verdicts });
    if (problems.length === 0) return;
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    throw new CommandFailure(EXIT.failed, 'PROBLEMS_FOUND', `${count} found`);
  },
};

export const judge = (facts: Facts): Verdict[] =>
  CHECKS.map(({ name, find }) => ({ check: name, findings: find(facts) }));

const MARKS = { problem: '✗', note: '·' } as const;

function draw(verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap(({ check, findings }) => {
    if (findings.length === 0) return [`✓ ${check}`];
    return findings.flatMap(({ level, code, what, fix }) => [
      `${MARKS[level]} ${check}: ${what} [${code}]`,
      `    → ${fix}`,
    ]);
  });
  return lines.join('\n');
}
