import { createRequire } from 'node:module';
import { readBuildInfo } from '../../build-info.ts';
import type { Call } from '../command.ts';
import type { RuntimeFacts } from './facts.ts';

/** Set where a disk ends with its container: by platforms, by podman and systemd, and by our own image. */
const CONTAINER_VARIABLES = [
  'RAILWAY_ENVIRONMENT',
  'RENDER',
  'KUBERNETES_SERVICE_HOST',
  'FLY_APP_NAME',
  'DYNO',
  'container',
];

export function readRuntime(environment: Call['environment']): RuntimeFacts {
  const { node, baileys } = readBuildInfo();
  const { dependencies } = createRequire(import.meta.url)('sessiongraph/package.json') as {
    dependencies: Record<string, string>;
  };
  const container = CONTAINER_VARIABLES.find(name => environment[name] !== undefined);
  return { node, baileys, wantedBaileys: dependencies['@whiskeysockets/baileys'] ?? baileys, container };
}
