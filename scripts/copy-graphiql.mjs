// Part of the build: puts what GraphiQL is made of beside the server, which needs neither package when it runs.
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const TARGET = new URL('../dist/graphiql/', import.meta.url);

const BUNDLES = [
  { name: 'react.js', package: 'react', file: 'umd/react.production.min.js' },
  { name: 'react-dom.js', package: 'react-dom', file: 'umd/react-dom.production.min.js' },
  { name: 'graphiql.js', package: 'graphiql', file: 'graphiql.min.js' },
  { name: 'graphiql.css', package: 'graphiql', file: 'graphiql.min.css' },
];

const require = createRequire(import.meta.url);
await mkdir(TARGET, { recursive: true });
for (const bundle of BUNDLES) {
  const folder = dirname(require.resolve(`${bundle.package}/package.json`));
  await copyFile(join(folder, bundle.file), new URL(bundle.name, TARGET));
}
