import { newReceiver } from '../plugins/notify-webhook/scene.ts';

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

/** A collector of OpenTelemetry, by HTTP with JSON; closed after the test. */
export async function startCollector() {
  const receiver = await newReceiver();
  const received = () => receiver.calls.filter(({ path }) => path === '/v1/traces').map(({ body }) => body);
  return {
    url: new URL(receiver.url).origin,
    /** The bodies that came to where spans belong, as they came. */
    received,
    spans: (): Span[] =>
      received().flatMap(body =>
        // biome-ignore lint/suspicious/noExplicitAny: the envelope of the protocol
        JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }: any) =>
          // biome-ignore lint/suspicious/noExplicitAny: as above
          scopeSpans.flatMap((scope: any) => scope.spans),
        ),
      ),
    /** What it answers from now on. */
    answer(answer: { readonly status: number } | 'nothing') {
      receiver.answer = () => answer;
    },
  };
}
