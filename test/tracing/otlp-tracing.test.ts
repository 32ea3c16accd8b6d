import { expect, it } from 'vitest';
import { openOtlpTracing } from '../../src/tracing/otlp-tracing.ts';
import { startCollector } from '../support/collector.ts';

const QUERY = { type: 'query', fields: ['sessions', 'stores'] } as const;
const call = (name: string) => ({ store: 'file', call: name, ms: 5 });
const openTracing = async () => {
  const collector = await startCollector();
  const url = `${collector.url}/v1/traces`;
  const tracing = openOtlpTracing({
    ...{ url, serviceName: 'test', version: '1', instance: undefined },
    onTurn: () => {},
  });
  return { collector, tracing };
};

it('a store call belongs to the operation that is under way, and to none after its end or outside', async () => {
  const { collector, tracing } = await openTracing();
  let goOn = () => {};
  const over = new Promise<void>(resolve => {
    goOn = resolve;
  });
  let late = Promise.resolve();
  const run = async () => {
    tracing.observeStoreCall(call('readHead'));
    // As a socket does that the operation opened: it goes on in the same context.
    late = over.then(() => tracing.observeStoreCall(call('applyChange')));
  };
  await tracing.traceOperation({ ...QUERY, traceparent: undefined }, run, () => []);
  goOn();
  await late;
  tracing.observeStoreCall(call('probe'));
  await tracing.close();
  const names = collector.spans().map(({ name }) => name);
  expect(names.sort()).toEqual(['file readHead', 'query sessions, stores']);
});

it.each([
  'nonsense',
  '00-00000000000000000000000000000000-0000000000000000-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-too-much',
])('begins a trace of its own where a caller says %j', async traceparent => {
  const { collector, tracing } = await openTracing();
  await tracing.traceOperation(
    { ...QUERY, traceparent },
    async () => {},
    () => [],
  );
  await tracing.close();
  expect(collector.spans().map(span => span.parentSpanId ?? '')).toEqual(['']);
});

it('what throws is a failed span, and is thrown on', async () => {
  const { collector, tracing } = await openTracing();
  const failure = new Error('+15550001 is wrong');
  const run = () => Promise.reject(failure);
  await expect(tracing.traceOperation({ ...QUERY, traceparent: undefined }, run, () => [])).rejects.toBe(
    failure,
  );
  await tracing.close();
  expect(collector.spans()[0]?.status.code).toBe(2);
  expect(collector.received().join()).not.toContain('15550001');
});
