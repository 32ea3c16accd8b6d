import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A span as OTLP puts it into JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly status: { readonly code: number };
}

export interface Collector {
  readonly url: string;
  /** The bodies that were taken, as they came. */
  readonly received: string[];
  spans(): Span[];
  /** What it answers from now on; 'nothing' leaves whoever calls waiting. */
  status: number | 'nothing';
}

/** A collector of OpenTelemetry, by HTTP with JSON. */
export async function startCollector(): Promise<Collector> {
  const collector = { url: '', received: [] as string[], status: 200 as Collector['status'], spans };
  function spans(): Span[] {
    const bodies = collector.received.map(body => JSON.parse(body));
    return bodies.flatMap(({ resourceSpans }) =>
      // biome-ignore lint/suspicious/noExplicitAny: the envelope of the protocol
      resourceSpans.flatMap(({ scopeSpans }: any) => scopeSpans.flatMap((scope: any) => scope.spans)),
    );
  }
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (collector.status === 'nothing') return;
    if (collector.status === 200 && request.url === '/v1/traces') collector.received.push(body);
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collector;
}
