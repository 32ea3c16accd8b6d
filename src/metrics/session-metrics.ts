import { Gauge, type Registry } from 'prom-client';
import type { Measurements } from '../core/measurements.ts';

type Told = Pick<Measurements, 'sessionsByStatus' | 'sessionHealth'>;

export function createSessionMetrics(registry: Registry) {
  const sessions = new Gauge({
    name: 'sessiongraph_sessions',
    help: 'Sessions that this server knows, by status.',
    labelNames: ['status'],
    registers: [registry],
  });
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `sessiongraph_session${name}`, help, registers: [registry] });
  const degraded = gauge('s_degraded', 'Sessions that say of themselves that something is wrong.');
  const failures = gauge(
    '_decrypt_failures',
    'Messages that could not be decrypted since the server started.',
  );
  const silence = gauge('_longest_silence_seconds', 'Since a CONNECTED session heard anything of WhatsApp.');
  const pending = gauge('_pending_writes', 'Changes of sessions that are not durable yet.');
  const oldest = gauge('_oldest_pending_write_seconds', 'For how long the oldest of them waits.');
  return {
    show({ sessionsByStatus, sessionHealth }: Told): void {
      for (const [status, count] of Object.entries(sessionsByStatus)) sessions.set({ status }, count);
      degraded.set(sessionHealth.degraded);
      failures.set(sessionHealth.decryptFailures);
      silence.set(sessionHealth.longestSilenceMs / 1_000);
      pending.set(sessionHealth.pendingWrites);
      oldest.set(sessionHealth.oldestPendingWriteMs / 1_000);
    },
  };
}
