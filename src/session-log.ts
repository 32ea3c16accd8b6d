import type { Logger } from 'pino';
import type { Sessions } from './core/sessions/sessions.ts';

/**
 * One line for each change of each session, with names that stay: `session.status`. Not of those that another server
 * holds: its own log has them.
 */
export function logStatusChanges(
  sessions: Pick<Sessions, 'watchStatus'>,
  holder: string,
  logger: Logger,
): void {
  async function follow(): Promise<void> {
    for await (const { session, previous, status, reason } of sessions.watchStatus({
      isVisible: () => true,
    })) {
      if (previous === undefined || previous === status) continue;
      const { id: sessionId, revision, heldBy = holder } = session;
      if (heldBy !== holder) continue;
      const because = reason && { reason: reason.code, rawCode: reason.rawCode, retryAt: reason.retryAt };
      logger.info(
        { event: 'session.status', sessionId, previous, status, revision, ...because },
        'session.status',
      );
    }
  }
  follow().catch(err => logger.error({ event: 'session.log.failed', err }, 'session.log.failed'));
}
