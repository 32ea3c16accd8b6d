import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandOf, parseCopy, parseDockerfile } from '../../scripts/deploy/dockerfile.mjs';
import { imageEnvironment, knownVariables } from './environment.ts';

const stages = parseDockerfile(readFileSync('Dockerfile', 'utf8'));
const image = stages.at(-1)?.steps ?? [];

it('every stage is made of one image, whose version is fixed and recent enough', () => {
  const images = stages.map(stage => stage.image);
  expect(new Set(images).size).toBe(1);
  const [, major = 0, minor = 0] = (/^node:(\d+)\.(\d+)\.\d+-[a-z]+-slim$/.exec(images[0] ?? '') ?? []).map(
    Number,
  );
  expect(major > 20 || (major === 20 && minor >= 19)).toBe(true);
});

it('copies what is there, and what .dockerignore lets through', () => {
  const passed = readFileSync('.dockerignore', 'utf8').match(/(?<=^!).+$/gm) ?? [];
  const copied = stages
    .flatMap(({ steps }) => steps.filter(({ name }) => name === 'COPY'))
    .map(({ value }) => parseCopy(value))
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources }) => sources);
  expect(copied.filter(source => !existsSync(source))).toEqual([]);
  expect([...new Set(copied)].sort()).toEqual([...passed].sort());
});

it('copies the scripts that the build runs', () => {
  const { build } = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
  const scripts: string[] = build.match(/(?<=\bnode )\S+/g) ?? [];
  expect(scripts).not.toEqual([]);
  const copied = stages[0]?.steps.filter(({ name }) => name === 'COPY') ?? [];
  expect(copied.flatMap(({ value }) => parseCopy(value).sources)).toEqual(expect.arrayContaining(scripts));
});

it('runs as a user who owns nothing but the data, and tells the server itself to stop', () => {
  const names = image.map(({ name }) => name);
  expect(image.find(({ name }) => name === 'USER')?.value).toBe('1000:1000');
  expect(names.lastIndexOf('RUN')).toBeLessThan(names.indexOf('USER'));
  expect(commandOf(image, 'CMD')).toEqual(['node', 'dist/main.js']);
  expect(commandOf(image, 'HEALTHCHECK').join(' ')).toContain('/health/live');
  // Railway refuses an image that declares a volume.
  expect(names).not.toContain('VOLUME');
});

it('sets what the configuration knows', () => {
  // A convention of container engines, which the doctor knows.
  const { container, ...environment } = imageEnvironment;
  expect(container).toBe('docker');
  expect(Object.keys(environment).filter(name => !knownVariables.includes(name))).toEqual([]);
});
