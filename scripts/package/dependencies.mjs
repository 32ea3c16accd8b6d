// @ts-check

/** @typedef {{ readonly name: string, readonly version: string, readonly licence: string, readonly isOptional: boolean }} Dependency */

/**
 * What is installed beside the package, by the lock file.
 *
 * @param {string} lock Text of package-lock.json.
 * @returns {Dependency[]}
 */
export function readDependencies(lock) {
  /** @type {Record<string, { version: string, license?: string, dev?: boolean, optional?: boolean }>} */
  const packages = JSON.parse(lock).packages;
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { version, license = 'UNKNOWN', optional = false }]) => ({
      name: path.split('node_modules/').at(-1) ?? path,
      version,
      licence: license,
      isOptional: optional,
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
