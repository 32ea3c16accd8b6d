import { readFileSync } from 'node:fs';
import { environmentOf, parseDockerfile } from '../../scripts/deploy/dockerfile.mjs';
import { readConfig } from '../../src/config.ts';

const image = parseDockerfile(readFileSync('Dockerfile', 'utf8')).at(-1)?.steps ?? [];

/** What the image sets for itself. */
export const imageEnvironment: Record<string, string> = environmentOf(image);

/** Every variable that .env.example explains, and so every one there is. */
export const knownVariables = [...readFileSync('.env.example', 'utf8').matchAll(/^#([A-Z][A-Z_]+)=/gm)].map(
  ([, name]) => name ?? '',
);

/** `${NAME:?hint}` is what somebody has to fill in. */
export const filledIn = (value: unknown): string =>
  String(value).replace(/\$\{[A-Z_]+:\?[^}]*\}/g, 'a-value-that-somebody-made-up-and-keeps');

/** Throws where a server would not start with it. */
export const checkEnvironment = (environment: Record<string, string>) =>
  readConfig({ ...imageEnvironment, ...environment });
