import { z } from 'zod';
import type { Environment } from './environment.ts';
import { text } from './forms.ts';

export interface TraceConfig {
  /** May hold credentials: never shown whole. */
  readonly url: string;
  readonly serviceName: string;
}

const PATH = 'v1/traces';

const collectorUrl = z
  .string()
  .refine(
    value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'must be an http:// or https:// URL',
  )
  .optional();

/**
 * By the variables that OpenTelemetry gave these names (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 * Undefined where none of them asks for traces.
 */
export function readTraces(env: Environment): TraceConfig | undefined {
  const endpoint = env.read('OTEL_EXPORTER_OTLP_ENDPOINT', collectorUrl);
  const tracesEndpoint = env.read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', collectorUrl);
  const serviceName = env.read('OTEL_SERVICE_NAME', text('sessiongraph')) ?? '';
  const url = tracesEndpoint ?? (endpoint && `${endpoint.replace(/\/$/, '')}/${PATH}`);
  return url === undefined ? undefined : { url, serviceName };
}
