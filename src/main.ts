#!/usr/bin/env node
import type { Logger } from 'pino';
import { mintToken } from './auth.ts';
import { ConfigError } from './config/environment.ts';
import { type Config, readConfig } from './config.ts';
import { silenceConsole } from './core/baileys/libsignal-console.ts';
import { createLogger, isForPeople } from './logger.ts';
import { type Server, startServer } from './server.ts';
import { drawStartReport } from './start-report.ts';

/** BSD sysexits: a configuration that has to be put right before it makes sense to try again. */
const EX_CONFIG = 78;
const EX_UNAVAILABLE = 69;
const STOP_DEADLINE_MS = 10_000;
const ADMIN_TOKEN_MS = 30 * 24 * 60 * 60 * 1_000;

let isStopping = false;

const print = (line: string) => void process.stdout.write(`${line}\n`);

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}

/** What fails because of a stop is not told: the stop ends the process. */
async function orExit<T>(logger: Logger, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (err) {
    if (isStopping) return new Promise(() => {});
    logger.debug({ event: 'server.start.failed', err }, 'server.start.failed');
    process.stderr.write(`sessiongraph cannot start: ${(err as Error).message}\n`);
    process.exit(EX_UNAVAILABLE);
  }
}

async function greet({ url, tokenSecret }: Server, config: Config, logger: Logger): Promise<void> {
  if (config.isDevelopment && config.tokens.keys === undefined && tokenSecret !== undefined) {
    const scopes = ['admin'] as const;
    const request = {
      secret: tokenSecret,
      subject: 'development',
      scopes,
      ttlMs: ADMIN_TOKEN_MS,
      ...config.tokens,
    };
    print(`admin token (development only): ${await mintToken(request)}`);
  }
  if (config.servesGraphiql) print(`GraphiQL: ${url}`);
  logger.info({ event: 'server.listening', url }, 'server.listening');
  print(`listening on ${url}`);
}

/** After the line that others wait for: a store that is slow to answer keeps nobody waiting. */
async function reportStart(server: Server, config: Config, logger: Logger): Promise<void> {
  const report = await server.report();
  if (isForPeople(config)) print(drawStartReport(report));
  else logger.info({ event: 'server.started', ...report }, 'server.started');
}

/**
 * From the first moment, not only when all sessions run: as the first process of a container it would otherwise be deaf
 * to a stop that comes while it starts, and be killed in the end with leases in its hand.
 */
function stopOnSignals(starting: Promise<Server>, logger: Logger): void {
  async function stop(signal: string): Promise<void> {
    // Whoever asks twice means it.
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ event: 'server.stopping', signal }, 'server.stopping');
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
    // A start that failed has left nothing to stop.
    const server = await starting.catch(() => undefined);
    await server
      ?.stop()
      .catch(err => logger.error({ event: 'server.stop.failed', err }, 'server.stop.failed'));
    logger.info({ event: 'server.stopped' }, 'server.stopped');
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}

silenceConsole();
const config = readConfigOrExit();
const logger = createLogger(config);
// Promises that a library forgot: one session's trouble is not the end of the others.
process.on('unhandledRejection', err =>
  logger.error({ event: 'unhandled.rejection', err }, 'unhandled.rejection'),
);
const starting = startServer(config, logger);
stopOnSignals(starting, logger);
const server = await orExit(logger, starting);
await orExit(logger, server.boot());
await greet(server, config, logger);
await reportStart(server, config, logger);
