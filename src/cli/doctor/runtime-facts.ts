import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readBuildInfo } from '../../build-info.ts';
import type { Call } from '../command.ts';
import type { RuntimeFacts } from './facts.ts';

/** Files that container engines leave, and variables that platforms set, whose disks end with a deployment. */
const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv'];
const PLATFORM_VARIABLES = [
  'RAILWAY_ENVIRONMENT',
  'RENDER',
  'KUBERNETES_SERVICE_HOST',
  'FLY_APP_NAME',
  'DYNO',
];

export function readRuntime(environment: Call['environment']): RuntimeFacts {
  const { node, baileys } = readBuildInfo();
  const { dependencies } = createRequire(import.meta.url)('sessiongraph/package.json') as {
    dependencies: Record<string, string>;
  };
  const container =
    PLATFORM_VARIABLES.find(name => environment[name] !== undefined) ?? CONTAINER_FILES.find(existsSync);
  return { node, baileys, wantedBaileys: dependencies['@whiskeysockets/baileys'] ?? baileys, container };
}
