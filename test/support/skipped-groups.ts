import type { Reporter, TestModule } from 'vitest/node';

/** Prints, at the end of a run, what was skipped for a reason: a green run must not hide what it did not test. */
export default class SkippedGroups implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap(module => [...module.children.allTests('skipped')]);
    for (const test of skipped) {
      const result = test.result();
      if (result.state !== 'skipped' || result.note === undefined) continue;
      const group = test.parent.type === 'suite' ? test.parent.fullName : test.fullName;
      console.log(`skipped: ${group} — ${result.note}`);
    }
  }
}
