// @ts-check
import { readFileSync } from 'node:fs';
import { readDependencies } from './dependencies.mjs';

const dependencies = readDependencies(readFileSync('package-lock.json', 'utf8'));
for (const { name, version, licence } of dependencies) console.log(`${licence}\t${name}@${version}`);
