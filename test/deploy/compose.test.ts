import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkEnvironment, filledIn, imageEnvironment, knownVariables } from './environment.ts';

const duration = z.string().regex(/^\d+s$/);
const words = z.array(z.string());

/** The part of the Compose specification that these files use; nothing else may stand in them. */
const service = z.strictObject({
  build: z.literal('..').optional(),
  image: z
    .string()
    .regex(/^[\w./-]+:v?\d+\.\d+\.\d+(-\w+)?$/, 'a fixed version')
    .optional(),
  command: words.optional(),
  restart: z.literal('unless-stopped').optional(),
  stop_grace_period: duration.optional(),
  ports: z.array(z.string().startsWith('127.0.0.1:', 'for this machine only')).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  volumes: z.array(z.string().regex(/^[a-z-]+:\/[\w/]+$/)).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z
    .strictObject({ test: words, interval: duration, timeout: duration, retries: z.int().positive() })
    .optional(),
  read_only: z.boolean().optional(),
  cap_drop: words.optional(),
  security_opt: words.optional(),
});
const composeFile = z.strictObject({
  name: z.string().optional(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()).optional(),
});

const read = (path: string) => composeFile.parse(parse(readFileSync(path, 'utf8'), { merge: true }));
const base = read('deploy/compose.yaml');
const files = readdirSync('deploy').filter(name => /^compose.*\.yaml$/.test(name));

describe.each(files)('deploy/%s', name => {
  const file = read(`deploy/${name}`);
  const ours = Object.entries(file.services).filter(([service]) => service.startsWith('sessiongraph'));

  it('gives the server variables that it knows', () => {
    const named = ours.flatMap(([, { environment = {} }]) => Object.keys(environment));
    expect(named.filter(variable => !knownVariables.includes(variable))).toEqual([]);
  });

  it('is an environment that the server starts with', () => {
    for (const [service, { environment }] of ours) {
      const merged = { ...base.services[service]?.environment, ...environment };
      const filled = Object.entries(merged).map(([variable, value]) => [variable, filledIn(value)]);
      expect(checkEnvironment(Object.fromEntries(filled)).isDevelopment).toBe(false);
    }
  });

  it('declares every volume that it mounts, and mounts every one that it declares', () => {
    const mounted = Object.values(file.services).flatMap(({ volumes = [] }) =>
      volumes.map(volume => volume.split(':')[0]),
    );
    expect(mounted.sort()).toEqual(Object.keys(file.volumes ?? {}).sort());
  });

  it('waits only for services that say when they are healthy', () => {
    const awaited = Object.values(file.services).flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect(awaited.filter(service => !file.services[service]?.healthcheck)).toEqual([]);
  });
});

it('the server keeps its data in the volume, and has time to stop', () => {
  const server = base.services.sessiongraph;
  expect(server?.volumes).toEqual([`sessions:${imageEnvironment.WHATSAPP_AUTH_DIR}`]);
  expect(Number.parseInt(server?.stop_grace_period ?? '', 10)).toBeGreaterThan(10);
});
