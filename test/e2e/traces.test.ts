import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Span, startCollector } from '../support/collector.ts';
import { leaks, secretsOf } from '../support/secret-leaks.ts';
import { createServerWorld, pairByQr, SESSION, type ServerWorld, sendText } from '../support/server-world.ts';

let world: ServerWorld;
beforeEach(async () => {
  world = await createServerWorld();
});
afterEach(() => world.close());

const FAILED = 2;
const CALLER = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };

const operationsOf = (spans: readonly Span[]) => spans.filter(({ name }) => /^(query|mutation) /.test(name));
const childrenOf = (spans: readonly Span[], { spanId }: Span) =>
  spans.filter(({ parentSpanId }) => parentSpanId === spanId);
const attributeOf = ({ attributes }: Span, wanted: string) =>
  attributes.find(({ key }) => key === wanted)?.value;

it('an operation is a span in the trace of its caller, and what the stores did for it are its children', async () => {
  const collector = await startCollector();
  const server = await world.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'bots' });
  const traced = { traceparent: `00-${CALLER.trace}-${CALLER.span}-01` };
  await pairByQr(server, world.phone);
  await sendText(server, '+15550002', 'a text that nobody else reads');
  await world.contact.sendText(world.phone, 'nor this one');
  await server.api.request('{ mine: sessions { edges { node { id copies { state } } } } }', {}, traced);
  await expect(
    server.api.request('mutation { stopSession(input: { id: "nobody" }) { session { id } } }'),
  ).rejects.toThrow('SESSION_NOT_FOUND');
  expect(await server.kill('SIGTERM')).toBe(0);

  const spans = collector.spans();
  const operations = operationsOf(spans);
  const named = (name: string) => operations.find(span => span.name === name) as Span;
  expect(named('query sessions')).toMatchObject({ traceId: CALLER.trace, parentSpanId: CALLER.span });
  expect(childrenOf(spans, named('query sessions')).map(({ name }) => name)).toContain('file readHead');
  expect(childrenOf(spans, named('mutation sendText')).map(({ name }) => name)).toContain('file applyChange');
  expect(named('mutation stopSession').status.code).toBe(FAILED);
  expect(attributeOf(named('mutation stopSession'), 'error.type')).toEqual({
    stringValue: 'SESSION_NOT_FOUND',
  });
  expect(collector.received().join()).toContain('"bots"');

  // A socket lives on in the context of the mutation that opened it; what it writes later is no part of that.
  const created = named('mutation createSession');
  const late = childrenOf(spans, created).filter(child => child.startTimeUnixNano > created.endTimeUnixNano);
  expect(late).toEqual([]);

  const secrets = [...(await secretsOf(world, server)), 'nobody else reads', 'nor this one', SESSION];
  expect(leaks(secrets, Buffer.from(collector.received().join()))).toEqual([]);
});

it('a collector that refuses what it is sent is told of', async () => {
  const collector = await startCollector();
  collector.answer({ status: 400 });
  const environment = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/elsewhere`,
    LOG_LEVEL: 'info',
  };
  const server = await world.start(environment);
  await server.api.request('{ sessions { edges { node { id } } } }');
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(server.output()).toContain('"event":"traces.down"');
});

it('a collector that never answers keeps nobody waiting, not even the stop', async () => {
  const collector = await startCollector();
  collector.answer('nothing');
  const server = await world.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await server.api.request('{ sessions { edges { node { id } } } }');
  const began = performance.now();
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(performance.now() - began).toBeLessThan(2_500);
});
