import { Gauge, type Registry } from 'prom-client';
import type { Measurements } from '../core/measurements.ts';

export function createSessionMetrics(registry: Registry) {
  const sessions = new Gauge({
    name: 'sessiongraph_sessions',
    help: 'Sessions that this server knows, by status.',
    labelNames: ['status'],
    registers: [registry],
  });
  return {
    show(byStatus: Measurements['sessionsByStatus']): void {
      for (const [status, count] of Object.entries(byStatus)) sessions.set({ status }, count);
    },
  };
}
