import type { Environment } from './environment.ts';
import { httpUrl, text } from './forms.ts';

export interface TraceConfig {
  /** May hold credentials: never shown whole. */
  readonly url: string;
  readonly serviceName: string;
}

const PATH = 'v1/traces';

/**
 * By the variables that OpenTelemetry gave these names (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 * Undefined where none of them asks for traces.
 */
export function readTraces(env: Environment): TraceConfig | undefined {
  const endpoint = env.read('OTEL_EXPORTER_OTLP_ENDPOINT', httpUrl);
  const tracesEndpoint = env.read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', httpUrl);
  const serviceName = env.read('OTEL_SERVICE_NAME', text('sessiongraph')) ?? '';
  const url = tracesEndpoint ?? (endpoint && `${endpoint.replace(/\/$/, '')}/${PATH}`);
  return url === undefined ? undefined : { url, serviceName };
}
