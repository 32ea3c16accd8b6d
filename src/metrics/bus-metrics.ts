import { Counter, Gauge, type Registry } from 'prom-client';

/** How the bus between servers does. */
export interface BusState {
  readonly isUp: boolean;
  /** Since the start. */
  readonly dropped: number;
}

export function createBusMetrics(registry: Registry) {
  const registers = [registry];
  const up = new Gauge({
    name: 'sessiongraph_bus_up',
    help: 'Whether this server reaches the others by the bus, and they reach it.',
    registers,
  });
  const dropped = new Counter({
    name: 'sessiongraph_bus_dropped_total',
    help: 'Messages to other servers that were dropped because the bus was away or did not keep up.',
    registers,
  });
  return {
    show(state: BusState): void {
      up.set(state.isUp ? 1 : 0);
      dropped.reset();
      dropped.inc(state.dropped);
    },
  };
}
