import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracedOperation, Tracing } from './tracing.ts';
import { type OnExportTurn, watchExport } from './watched-exporter.ts';

const EXPORT_TIMEOUT_MS = 5_000;
/** Well below what is left between SIGTERM and SIGKILL where hosts are in a hurry. */
const CLOSE_MS = 1_000;

export interface OtlpTracingOptions {
  /** Where the spans go, by HTTP as JSON. Headers are taken from OTEL_EXPORTER_OTLP_HEADERS. */
  readonly url: string;
  readonly serviceName: string;
  readonly version: string;
  readonly instance: string | undefined;
  /** The collector does not take spans any more, or does again. */
  readonly onTurn: OnExportTurn;
}

/**
 * Traces by OpenTelemetry, without its globals: what is under way is known by a context of our own, and nothing but
 * what is handed in here is traced. Spans hold names of the schema, names of stores, and codes: no id, no argument.
 */
export function openOtlpTracing(options: OtlpTracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: options.url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.version,
      ...(options.instance !== undefined && { 'service.instance.id': options.instance }),
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter: watchExport(exporter, options.onTurn) })],
  });
  const tracer = provider.getTracer('sessiongraph', options.version);
  const underWay = new AsyncLocalStorage<{ readonly span: Span; readonly context: Context }>();

  return {
    async traceOperation(operation, run, codesOf) {
      const { type, fields, traceparent } = operation;
      const attributes = { 'graphql.operation.type': type, 'graphql.root_fields': [...fields] };
      const parent = callersContext(traceparent);
      const span = tracer.startSpan(nameOf(operation), { kind: SpanKind.SERVER, attributes }, parent);
      try {
        const answer = await underWay.run({ span, context: trace.setSpan(parent, span) }, run);
        noteCodes(span, codesOf(answer));
        return answer;
      } catch (error) {
        noteCodes(span, ['INTERNAL']);
        throw error;
      } finally {
        span.end();
      }
    },

    observeStoreCall({ store, call, ms, error }) {
      const operation = underWay.getStore();
      // Ended: a socket that an operation opened, for one, goes on for months in the context of that operation.
      if (!operation?.span.isRecording()) return;
      const now = Date.now();
      const attributes = { 'sessiongraph.store': store };
      const begun = { kind: SpanKind.CLIENT, attributes, startTime: now - ms };
      const span = tracer.startSpan(`${store} ${call}`, begun, operation.context);
      noteCodes(span, error ? [error.code] : []);
      span.end(now);
    },

    async close() {
      await Promise.race([provider.shutdown().catch(() => {}), pause(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

const nameOf = ({ type, fields }: TracedOperation): string => `${type} ${fields.join(', ')}`;

function noteCodes(span: Span, codes: readonly string[]): void {
  if (codes.length === 0) return;
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', [...new Set(codes)].join(', '));
}

const propagator = new W3CTraceContextPropagator();

/** The root where the header is missing or none that the specification knows. */
function callersContext(traceparent: string | undefined): Context {
  const get = (_: unknown, name: string) => (name === 'traceparent' ? traceparent : undefined);
  return propagator.extract(ROOT_CONTEXT, undefined, { get, keys: () => ['traceparent'] });
}
