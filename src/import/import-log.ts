import { CREDENTIALS_ONLY, type ImportReport } from '../core/vault/session-import.ts';

export interface ImportLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const STOP_THE_OLD_BOT =
  'Stop the program that used this before: two sockets on one login throw each other out. ' +
  'What it saved stays as it is, and is not used any more.';

/** Names that stay: `session.imported`, `session.import.refused`. */
export function logImport(report: ImportReport, log: ImportLog): void {
  if (report.kind === 'refused') {
    log.warn({ event: 'session.import.refused', ...report }, 'session.import.refused');
    return;
  }
  const { kind: _, ...imported } = report;
  log.info({ event: 'session.imported', ...imported, leftOut: imported.leftOut.length }, 'session.imported');
  if (report.completeness === 'credentials-only') {
    const fields = { event: 'session.imported', sessionId: report.sessionId, advice: CREDENTIALS_ONLY };
    log.warn(fields, CREDENTIALS_ONLY);
  }
  log.warn(
    { event: 'session.imported', sessionId: report.sessionId, advice: STOP_THE_OLD_BOT },
    STOP_THE_OLD_BOT,
  );
}
