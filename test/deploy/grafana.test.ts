import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { healthOf } from '../../src/core/measurements.ts';
import { SESSION_STATUSES } from '../../src/core/sessions/session-views.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(readFileSync('deploy/grafana/sessiongraph.json', 'utf8'));
const panels: Panel[] = dashboard.panels;
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const queries: string[] = dashboard.templating.list.map(
  ({ query }: { query: { query?: string } }) => query.query ?? '',
);

/** Every name under which Prometheus keeps a sample of ours, with its labels. */
const series = await readSeries();

async function readSeries(): Promise<Map<string, Set<string>>> {
  const metrics = createMetrics({ version: '1', node: '2', baileys: '3' });
  const sessionsByStatus = Object.fromEntries(SESSION_STATUSES.map(status => [status, 1])) as never;
  const store = {
    name: 'file',
    order: 0,
    healthy: true,
    latencyMs: 1,
    pendingChanges: 0,
    oldestPendingMs: 0,
  };
  const sessionHealth = healthOf([], 0);
  metrics.measureBy(async () => ({ stores: [store], sessionsByStatus, sessionHealth }));
  metrics.observeStoreCall({
    store: 'file',
    call: 'applyChange',
    ms: 1,
    error: { code: 'STORE_FENCED' } as never,
  });
  metrics.observeOperation({ kind: 'answered', type: 'query', ms: 1 });
  metrics.observeWebhook('delivered');
  metrics.countWebhooksBy(() => ({ waiting: 0, dead: 0 }));
  metrics.readBusFrom(() => ({ isUp: true, dropped: 0 }));
  metrics.observeOperation({ kind: 'failed', code: 'INTERNAL' });
  const page = await metrics.render({ webSockets: 0, httpResponses: 0 });
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of page.matchAll(/^(\w+)(?:\{([^}]*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set();
    found.set(name, known);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
  }
  return found;
}

describe('the dashboard', () => {
  it.each([...expressions, ...queries.filter(Boolean)])('%s asks for what there is', expression => {
    const [selector, name = '', matchers = ''] =
      /\b((?:sessiongraph|process|nodejs)_\w+)(?:\{([^}]*)\})?/.exec(expression) ?? [];
    expect(selector).toBeDefined();
    expect([...series.keys()]).toContain(name);
    const asked = [...matchers.matchAll(/(\w+)=/g)].map(([, label]) => label);
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = '']) =>
      names.split(', '),
    );
    const known = new Set([...(series.get(name) ?? []), 'job', 'instance']);
    expect([...asked, ...grouped].filter(label => !known.has(label ?? ''))).toEqual([]);
  });

  it('names only labels that its expressions keep', () => {
    const legends = panels.flatMap(({ targets = [] }) => targets);
    for (const { expr, legendFormat } of legends) {
      const name = /\b((?:sessiongraph|process|nodejs)_\w+)/.exec(expr)?.[1] ?? '';
      const known = new Set([...(series.get(name) ?? []), 'instance']);
      const used = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '');
      expect(used.filter(label => !known.has(label))).toEqual([]);
    }
  });

  it('shows every metric of ours', () => {
    const base = [...series.keys()].filter(name => name.startsWith('sessiongraph_'));
    const families = new Set(base.map(name => name.replace(/_(bucket|sum|count)$/, '')));
    const text = expressions.join('\n');
    expect([...families].filter(name => !text.includes(name))).toEqual([]);
  });

  it('has panels that differ, and statuses that exist', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const named = expressions.flatMap(expr => /status=~?"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []);
    expect(named.filter(status => !SESSION_STATUSES.includes(status as never))).toEqual([]);
    expect(named.length).toBeGreaterThan(1);
  });
});
