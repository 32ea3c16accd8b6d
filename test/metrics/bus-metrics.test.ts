import { expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';

const NOTHING_OPEN = { webSockets: 0, httpResponses: 0 };

it('show the bus as it is at each scrape', async () => {
  const metrics = createMetrics({ version: '', node: '', baileys: '' });
  const bus = { isUp: true, dropped: 0 };
  metrics.readBusFrom(() => bus);
  expect(await metrics.render(NOTHING_OPEN)).toMatch(/^sessiongraph_bus_up 1$/m);
  Object.assign(bus, { isUp: false, dropped: 3 });
  await metrics.render(NOTHING_OPEN);
  const page = await metrics.render(NOTHING_OPEN);
  expect(page).toMatch(/^sessiongraph_bus_up 0$/m);
  expect(page).toMatch(/^sessiongraph_bus_dropped_total 3$/m);
});
