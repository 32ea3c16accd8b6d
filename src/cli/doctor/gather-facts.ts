import { ConfigError } from '../../config/environment.ts';
import { type Config, readConfig } from '../../config.ts';
import type { Call } from '../command.ts';
import { readDirectory } from './disk-facts.ts';
import { readEndpoint } from './endpoint-facts.ts';
import type { Facts, IssuerFacts } from './facts.ts';
import { findFoldersElsewhere } from './old-folders.ts';
import { lookThroughServer } from './running-server.ts';
import { readRuntime } from './runtime-facts.ts';
import { lookIntoStores, type SessionLook, tryStores } from './store-facts.ts';

const NOTHING: Omit<Facts, 'runtime' | 'environment'> = {
  directories: [],
  serverAnswers: false,
  stores: [],
  sessions: undefined,
  sessionsUnknownBecause: undefined,
  old: { waiting: [], refused: [], elsewhere: [] },
  whatsApp: undefined,
  issuer: undefined,
};

/** Looks at everything once, and changes nothing but what a start would make as well. */
export async function gatherFacts(call: Call): Promise<Facts> {
  const runtime = readRuntime(call.environment);
  try {
    return { runtime, environment: [], ...(await look(readConfig(call.environment), call)) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { runtime, environment: error.problems, ...NOTHING };
  }
}

async function look(config: Config, call: Call): Promise<Omit<Facts, 'runtime' | 'environment'>> {
  const whatsApp = readEndpoint(config.whatsAppUrl);
  const server = await lookThroughServer(config, call);
  const disks = config.stores.flatMap(store => (store.kind === 'file' ? [store] : []));
  const directories = await Promise.all(disks.map(({ name, directory }) => readDirectory(name, directory)));
  const tried = server ? undefined : await tryStores(config, directories);
  const looked: SessionLook = server ?? (await lookIntoStores(config, tried?.reasonNotToLook));
  return {
    directories: directories.map(facts => ({ ...facts, holder: tried?.holders.get(facts.store) })),
    serverAnswers: server !== undefined,
    stores: server?.stores ?? tried?.stores ?? [],
    sessions: looked.sessions,
    sessionsUnknownBecause: looked.sessionsUnknownBecause,
    old: { ...looked.old, elsewhere: await findFoldersElsewhere(config) },
    whatsApp: await whatsApp,
    issuer: readIssuer(config.tokens),
  };
}

function readIssuer({ keys, audience }: Config['tokens']): IssuerFacts | undefined {
  if (keys === undefined || !('jwksUrl' in keys)) return undefined;
  return { host: new URL(keys.jwksUrl).host, isAudienceAsked: audience !== undefined };
}
