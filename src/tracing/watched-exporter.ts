import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** `cause`: why the first batch after a taken one, or the first of all, was not taken. */
export type OnExportTurn = (turn: { readonly isTaken: true } | { readonly cause: Error | undefined }) => void;

/** The same exporter, and somebody who is told when it begins to fail and when it works again: not of every batch. */
export function watchExport(exporter: SpanExporter, onTurn: OnExportTurn): SpanExporter {
  let isFailing = false;
  function note({ code, error }: ExportResult): void {
    const failed = code === ExportResultCode.FAILED;
    if (failed && !isFailing) onTurn({ cause: error });
    if (!failed && isFailing) onTurn({ isTaken: true });
    isFailing = failed;
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, result => {
        note(result);
        done(result);
      }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
