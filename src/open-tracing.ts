import type { Logger } from 'pino';
import type { BuildInfo } from './build-info.ts';
import type { Config } from './config.ts';
import type { Tracing } from './tracing/tracing.ts';

interface Surroundings {
  readonly build: BuildInfo;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Undefined where nobody wants traces; the library is loaded only where somebody does. */
export async function openTracing(
  { traces, instanceId }: Config,
  { build, logger }: Surroundings,
): Promise<Tracing | undefined> {
  if (!traces) return undefined;
  const { openOtlpTracing } = await import('./tracing/otlp-tracing.ts');
  return openOtlpTracing({
    ...traces,
    version: build.version,
    instance: instanceId,
    onTurn(turn) {
      if ('isTaken' in turn) logger.info({ event: 'traces.up' }, 'traces.up');
      else logger.warn({ event: 'traces.down', why: whyOf(turn.cause) }, 'traces.down');
    },
  });
}

/** Where a host has two addresses and answers at neither, Node's error has a code and no message. */
const whyOf = (cause: Error | undefined): string =>
  cause?.message || (cause as NodeJS.ErrnoException | undefined)?.code || 'no reason was given';
