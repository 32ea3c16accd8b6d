// @ts-check
// A CycloneDX bill of materials of what is installed beside the package. Not by `npm sbom --omit=dev`: npm 11 leaves out
// whatever a development dependency needs as well, as `ws`.
import { execFileSync } from 'node:child_process';

/** @typedef {{ readonly 'bom-ref': string, readonly properties: readonly { name: string, value: string }[] }} Component */

const all = JSON.parse(
  execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
);

/** @param {Component} component */
const isForDevelopment = ({ properties }) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');

const components = all.components.filter((/** @type {Component} */ one) => !isForDevelopment(one));
const kept = new Set([
  all.metadata.component['bom-ref'],
  ...components.map((/** @type {Component} */ one) => one['bom-ref']),
]);
const dependencies = all.dependencies
  .filter((/** @type {{ ref: string }} */ { ref }) => kept.has(ref))
  .map((/** @type {{ ref: string, dependsOn: string[] }} */ { ref, dependsOn }) => ({
    ref,
    dependsOn: dependsOn.filter(other => kept.has(other)),
  }));
console.log(JSON.stringify({ ...all, components, dependencies }, null, 2));
