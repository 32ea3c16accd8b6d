import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkEnvironment, imageEnvironment, knownVariables } from './environment.ts';

const READY = '/health/ready';
/** A server that no store answers gives up waiting after that, as README.md promises. */
const LONGEST_STOP_S = 10;

/** Of Railway's config as code. Its parser takes numbers as numbers only. */
const railway = z.strictObject({
  $schema: z.literal('https://railway.com/railway.schema.json'),
  build: z.strictObject({ builder: z.literal('DOCKERFILE'), dockerfilePath: z.literal('Dockerfile') }),
  deploy: z.strictObject({
    numReplicas: z.literal(1),
    healthcheckPath: z.literal(READY),
    healthcheckTimeout: z.int().positive(),
    restartPolicyType: z.enum(['ALWAYS', 'ON_FAILURE', 'NEVER']),
    overlapSeconds: z.int(),
    drainingSeconds: z.int().min(LONGEST_STOP_S),
    requiredMountPath: z.string(),
  }),
});

/** Of a Render Blueprint. A service with a disk must not set its own shutdown delay; 30 s is what it gets. */
const render = z.strictObject({
  services: z.tuple([
    z.strictObject({
      type: z.literal('web'),
      name: z.string(),
      runtime: z.literal('docker'),
      plan: z.string(),
      dockerfilePath: z.literal('./Dockerfile'),
      healthCheckPath: z.literal(READY),
      numInstances: z.literal(1),
      disk: z.strictObject({ name: z.string(), mountPath: z.string(), sizeGB: z.int() }),
      envVars: z.array(z.strictObject({ key: z.string(), generateValue: z.literal(true) })),
    }),
  ]),
});

it('railway.json is what Railway takes, with the disk where the image keeps its data', () => {
  const { deploy } = railway.parse(JSON.parse(readFileSync('railway.json', 'utf8')));
  expect(deploy.requiredMountPath).toBe(imageEnvironment.WHATSAPP_AUTH_DIR);
});

it('render.yaml is what Render takes, and an environment that the server starts with', () => {
  const [{ disk, envVars }] = render.parse(parse(readFileSync('render.yaml', 'utf8'))).services;
  expect(disk.mountPath).toBe(imageEnvironment.WHATSAPP_AUTH_DIR);
  // What Render generates: 256 random bits in base64.
  const generated = Object.fromEntries(envVars.map(({ key }) => [key, `${'a+/='.repeat(11)}`]));
  expect(Object.keys(generated).filter(name => !knownVariables.includes(name))).toEqual([]);
  expect(checkEnvironment(generated).encryptionSecrets).toHaveLength(1);
});

it('the systemd unit runs the server as nobody, with settings that it knows, and lets it stop', () => {
  const unit = readFileSync('deploy/sessiongraph.service', 'utf8');
  const values = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
  const named = values('Environment').map(setting => setting.split('=')[0] ?? '');
  expect(named.filter(name => !knownVariables.includes(name))).toEqual([]);
  expect(values('ExecStart')[0]).toMatch(/\/dist\/main\.js$/);
  expect(values('DynamicUser')).toEqual(['yes']);
  expect(Number(values('TimeoutStopSec')[0])).toBeGreaterThan(LONGEST_STOP_S);
  const [, exitCode] = /EX_CONFIG = (\d+)/.exec(readFileSync('src/main.ts', 'utf8')) ?? [];
  expect(values('RestartPreventExitStatus')).toEqual([exitCode]);
});
