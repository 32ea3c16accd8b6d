import { expect, it } from 'vitest';
import { type OnExportTurn, watchExport } from '../../src/tracing/watched-exporter.ts';

type Result = Parameters<Parameters<ReturnType<typeof watchExport>['export']>[1]>[0];

const TAKEN: Result = { code: 0 };
const REFUSED: Result = { code: 1, error: new Error('no space') };

it('tells when the collector begins to refuse and when it takes spans again, and passes every answer on', () => {
  const answers = [TAKEN, REFUSED, REFUSED, TAKEN, TAKEN, REFUSED];
  const turns: Parameters<OnExportTurn>[0][] = [];
  let next = 0;
  const exporter = watchExport(
    { export: (_, done) => done(answers[next++] ?? TAKEN), shutdown: () => Promise.resolve() },
    turn => turns.push(turn),
  );
  const passed: Result[] = [];
  for (const _ of answers) exporter.export([], result => passed.push(result));
  expect(passed).toEqual(answers);
  expect(turns).toEqual([{ cause: REFUSED.error }, { isTaken: true }, { cause: REFUSED.error }]);
});
