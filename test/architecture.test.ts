import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryFiles, textFilesIn } from './docs/repository-files.ts';

/** What a plugin knows of the rest. */
const STORE_CONTRACT = [
  'src/core/store.ts',
  'src/core/copy-rules.ts',
  'src/core/errors.ts',
  'src/core/keyed-lanes.ts',
  'src/core/lane.ts',
  'src/core/paged-entries.ts',
  'src/core/store-life.ts',
];

/** And what carries something between servers. */
const BUS_CONTRACT = ['src/core/fleet/bus.ts', 'src/core/clock.ts'];

/** And what tells others of what happened. */
const NOTIFIER_CONTRACT = ['src/core/clock.ts', 'src/core/sealing/keyring.ts', 'src/core/turnstile.ts'];

/** And one that reads what an older system left. */
const SOURCE_CONTRACT = [
  'src/core/old-source.ts',
  'src/core/vault/session-import.ts',
  'src/core/errors.ts',
  'src/import/ask-old-server.ts',
  'src/import/credentials-only.ts',
];

/**
 * Who may import whom: `main → app → schema → core ← plugins`. Folders end in a slash. Everybody may import
 * their own layer; what is not listed is not allowed. The first layer that fits a file is its layer.
 */
const LAYERS: Readonly<Record<string, { files: string[]; mayImport: string[] }>> = {
  demo: { files: ['src/demo/'], mayImport: ['src/simulator/'] },
  simulator: { files: ['src/simulator/'], mayImport: [] },
  signal: { files: ['src/signal/'], mayImport: [] },
  'store-file': { files: ['src/plugins/store-file/'], mayImport: STORE_CONTRACT },
  'store-mongo': { files: ['src/plugins/store-mongo/'], mayImport: STORE_CONTRACT },
  'store-tidb': { files: ['src/plugins/store-tidb/'], mayImport: STORE_CONTRACT },
  'source-mongo': { files: ['src/plugins/source-mongo/'], mayImport: SOURCE_CONTRACT },
  'source-tidb': { files: ['src/plugins/source-tidb/'], mayImport: SOURCE_CONTRACT },
  'source-redis': { files: ['src/plugins/source-redis/'], mayImport: SOURCE_CONTRACT },
  'bus-redis': { files: ['src/plugins/bus-redis/'], mayImport: BUS_CONTRACT },
  'notify-webhook': { files: ['src/plugins/notify-webhook/'], mayImport: NOTIFIER_CONTRACT },
  core: { files: ['src/core/'], mayImport: ['src/signal/'] },
  schema: {
    files: ['src/schema/'],
    mayImport: [
      'src/core/dead-letters.ts',
      'src/core/errors.ts',
      'src/core/sealing/key-views.ts',
      'src/core/sessions/session-id.ts',
      'src/core/sessions/session-views.ts',
      'src/core/sessions/sessions.ts',
    ],
  },
  client: { files: ['src/client.ts', 'src/client/'], mayImport: [] },
  metrics: {
    files: ['src/metrics/'],
    mayImport: [
      'src/build-info.ts',
      'src/core/measurements.ts',
      'src/core/chain/observed-store.ts',
      'src/core/sessions/session-views.ts',
    ],
  },
  tracing: { files: ['src/tracing/'], mayImport: ['src/core/chain/observed-store.ts'] },
  config: { files: ['src/config.ts', 'src/config/'], mayImport: [] },
  edge: {
    files: ['src/app.ts', 'src/app/', 'src/auth.ts', 'src/auth/', 'src/session-globs.ts'],
    mayImport: [
      'src/schema/',
      'src/metrics/',
      'src/tracing/tracing.ts',
      'src/config.ts',
      'src/config/',
      'src/core/dead-letters.ts',
      'src/core/errors.ts',
      'src/core/sessions/sessions.ts',
    ],
  },
  cli: {
    files: ['src/cli/'],
    mayImport: [
      'src/main.ts',
      'src/build-info.ts',
      'src/open-stores.ts',
      'src/open-vault.ts',
      'src/old-sources.ts',
      'src/open-webhooks.ts',
      'src/local-secrets.ts',
      'src/table.ts',
      'src/import/',
      'src/export/',
      'src/auth.ts',
      'src/auth/',
      'src/config.ts',
      'src/config/',
      'src/core/',
      'src/schema/viewer.ts',
      'src/simulator/main.ts',
      'src/client/server-events.ts',
    ],
  },
  main: {
    files: ['src/'],
    mayImport: [
      'src/app.ts',
      'src/app/',
      'src/auth.ts',
      'src/auth/',
      'src/config.ts',
      'src/config/',
      'src/core/',
      'src/metrics/',
      'src/plugins/',
      'src/tracing/',
    ],
  },
};

/** Where each package is used, and so where it would have to be replaced. */
const PACKAGES: Readonly<Record<string, string[]>> = {
  '@graphql-typed-document-node/core': ['src/client/'],
  '@opentelemetry/api': ['src/tracing/'],
  '@opentelemetry/core': ['src/tracing/'],
  '@opentelemetry/exporter-trace-otlp-http': ['src/tracing/'],
  '@opentelemetry/resources': ['src/tracing/'],
  '@opentelemetry/sdk-trace': ['src/tracing/'],
  '@pothos/core': ['src/schema/'],
  '@whiskeysockets/baileys': ['src/core/baileys/', 'src/signal/', 'src/simulator/'],
  'drizzle-orm': ['src/plugins/store-tidb/', 'src/plugins/source-tidb/'],
  graphql: ['src/schema/', 'src/app/'],
  'graphql-ws': ['src/app/', 'src/demo/'],
  'graphql-yoga': ['src/app/'],
  ioredis: ['src/plugins/bus-redis/'],
  jose: ['src/auth.ts', 'src/auth/'],
  'lru-cache': ['src/core/vault/session-entries.ts', 'src/app/', 'src/auth/'],
  mongodb: ['src/plugins/store-mongo/', 'src/plugins/source-mongo/', 'src/demo/'],
  mysql2: ['src/plugins/store-tidb/', 'src/plugins/source-tidb/', 'src/demo/'],
  pino: [
    'src/main.ts',
    'src/server.ts',
    'src/logger.ts',
    'src/session-log.ts',
    'src/open-fleet.ts',
    'src/open-tracing.ts',
    'src/open-webhooks.ts',
    'src/webhook-log.ts',
    'src/store-log.ts',
    'src/app.ts',
    'src/app/',
    'src/simulator/',
  ],
  'pino-pretty': ['src/logger.ts'],
  'prom-client': ['src/metrics/'],
  qrcode: ['src/schema/qr-code.ts', 'src/cli/qr.ts', 'src/demo/'],
  ws: ['src/app/', 'src/simulator/', 'src/demo/'],
  zod: ['src/config/'],
};

const LONGEST_FILE = 200;
const EMPTY_NAMES = /(^|[-.])(utils?|helpers?|common|types?|misc|shared)([-.]|$)/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|\bas any\b|@ts-(ignore|nocheck|expect-error)/;
const MACHINE_PATH = /(^|[\s'"`(=:])\/(home|root|work|Users)\/\w/m;

const IMPORT = /^(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Written by codegen.ts. */
const GENERATED = 'src/client/documents.ts';

const modules = textFilesIn('src')
  .filter(({ path }) => path.endsWith('.ts'))
  .map(readModule);
const inside = (path: string, places: readonly string[]) =>
  places.some(place => (place.endsWith('/') ? path.startsWith(place) : path === place));
const layerOf = (path: string) => Object.values(LAYERS).find(({ files }) => inside(path, files));

/** One line for each import that breaks a rule. */
function wrongImports(isWrong: (module: Module, target: string) => boolean): string[] {
  return modules.flatMap(module =>
    module.imports.filter(target => isWrong(module, target)).map(target => `${module.path} → ${target}`),
  );
}

describe('imports', () => {
  it('go from the outer layers to the inner ones, and nowhere else', () => {
    const wrong = wrongImports(({ path }, target) => {
      const { files = [], mayImport = [] } = layerOf(path) ?? {};
      const isOwnLayer = inside(target, files) && layerOf(target) === layerOf(path);
      return target.startsWith('src/') && !isOwnLayer && !inside(target, mayImport);
    });
    expect(wrong).toEqual([]);
  });

  it('of a package stay where the package has its place', () => {
    const wrong = wrongImports(
      ({ path }, target) => isPackage(target) && !inside(path, PACKAGES[target] ?? []),
    );
    expect(wrong).toEqual([]);
  });

  it('use every package that is installed for the server', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(Object.keys(dependencies).sort()).toEqual(Object.keys(PACKAGES).sort());
    const used = new Set(modules.flatMap(({ imports }) => imports));
    expect(Object.keys(PACKAGES).filter(name => !used.has(name))).toEqual([]);
  });

  it('form no cycle', () => {
    expect(findCycle()).toEqual([]);
  });

  it('name the file with its ending', () => {
    expect(wrongImports((_, target) => target.startsWith('src/') && !target.endsWith('.ts'))).toEqual([]);
  });
});

describe('source files', () => {
  it(`have at most ${LONGEST_FILE} lines`, () => {
    const lineCount = (text: string) => text.trimEnd().split('\n').length;
    const written = modules.filter(({ path }) => path !== GENERATED);
    const long = written.map(({ path, text }) => ({ path, lines: lineCount(text) }));
    expect(long.filter(({ lines }) => lines > LONGEST_FILE)).toEqual([]);
  });

  it('are named after the one thing in them, in kebab-case', () => {
    const nameOf = (path: string) => path.split('/').at(-1) ?? '';
    const isGood = (name: string) => /^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(name) && !EMPTY_NAMES.test(name);
    expect(modules.map(({ path }) => path).filter(path => !isGood(nameOf(path)))).toEqual([]);
  });

  it('re-export nothing wholesale', () => {
    expect(modules.filter(({ text }) => /^export \*/m.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the repository', () => {
  const own = 'test/architecture.test.ts';
  const files = repositoryFiles().filter(({ path }) => path !== own);
  const holding = (pattern: RegExp) =>
    files
      .filter(({ text }) => pattern.test(text))
      .map(({ path, text }) => `${path}: ${pattern.exec(text)?.[0]}`);

  it('has nothing unfinished in it, and nothing hidden from the compiler', () => {
    expect(holding(UNFINISHED)).toEqual([]);
  });

  it('knows no machine it was written on', () => {
    expect(holding(MACHINE_PATH)).toEqual([]);
  });
});

function isPackage(target: string): boolean {
  return !target.startsWith('src/') && !target.startsWith('node:');
}

/** A source file and what it imports, types included: files by their path from the root, packages by their name. */
interface Module {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function readModule({ path, text }: { path: string; text: string }): Module {
  const targets = [...text.matchAll(IMPORT)].map(([, fixed, dynamic]) => fixed ?? dynamic ?? '');
  return { path, text, imports: targets.map(target => resolveImport(path, target)) };
}

function resolveImport(from: string, target: string): string {
  if (target.startsWith('.')) return posix.join(posix.dirname(from), target);
  if (target.startsWith('node:')) return target;
  // `@scope/name/deep` and `name/deep` belong to their package.
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The paths of one cycle, or nothing. */
function findCycle(): string[] {
  const importsOf = new Map(modules.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();

  function visit(path: string, trail: readonly string[]): string[] {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    done.add(path);
    const cycles = (importsOf.get(path) ?? []).map(target => visit(target, [...trail, path]));
    return cycles.find(cycle => cycle.length > 0) ?? [];
  }

  const cycles = modules.map(({ path }) => visit(path, []));
  return cycles.find(cycle => cycle.length > 0) ?? [];
}
