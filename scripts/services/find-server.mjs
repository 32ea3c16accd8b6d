import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { programFolder } from './cache.mjs';
import { SERVICES } from './services.mjs';

/** Database servers are system programs, which the PATH of a person often leaves out. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** @typedef {{ server: import('./services.mjs').Server, program: string, foundBy: string }} FoundProgram */
/** @typedef {{ url: string, foundBy: string }} FoundUrl */

/**
 * Where the search looks; arguments, so that a test can have a machine of its own.
 * @typedef {object} Machine
 * @property {NodeJS.ProcessEnv} environment
 * @property {string} builtPrograms The folder of the programs that were built here.
 * @property {(path: string) => boolean} isProgram
 * @property {(program: string) => string} askVersion What it prints for `--version`.
 */

/** @returns {Machine} */
export function thisMachine() {
  return { environment: process.env, builtPrograms: programFolder(process.env), isProgram, askVersion };
}

/**
 * A server that somebody named, by its URL.
 * @param {import('./services.mjs').ServiceName} service
 * @param {Machine} machine
 * @returns {FoundUrl | undefined}
 */
export function findUrl(service, { environment }) {
  const { variable } = SERVICES[service];
  const url = environment[variable];
  return url ? { url, foundBy: variable } : undefined;
}

/**
 * A program that could be started: on the PATH, else built here earlier.
 * @param {import('./services.mjs').ServiceName} service
 * @param {Machine} machine
 * @returns {FoundProgram | undefined}
 */
export function findProgram(service, machine) {
  const { servers } = SERVICES[service];
  return (
    first(servers, server => onPath(server, machine)) ?? first(servers, server => built(server, machine))
  );
}

/**
 * What a person has to hear where nothing was found.
 * @param {import('./services.mjs').ServiceName} service
 */
export function reasonForNone(service) {
  const { variable, remedy } = SERVICES[service];
  return `no ${variable}, ${reasonForNoProgram(service)}; ${remedy}`;
}

/**
 * The same where a URL would not do.
 * @param {import('./services.mjs').ServiceName} service
 */
export function reasonForNoProgram(service) {
  const programs = SERVICES[service].servers.flatMap(server => server.programs);
  return `no ${[...new Set(programs)].join(' or ')} on the PATH`;
}

/**
 * Where programs of these names are, the best name first.
 * @param {readonly string[]} names
 * @param {Machine} machine
 */
export function programsOnPath(names, { environment, isProgram }) {
  const folders = (environment.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  const paths = names.flatMap(name => [...folders, ...SYSTEM_FOLDERS].map(folder => join(folder, name)));
  return paths.filter(isProgram);
}

/**
 * @param {import('./services.mjs').Server} server
 * @param {Machine} machine
 * @returns {FoundProgram | undefined}
 */
function onPath(server, machine) {
  const program = programsOnPath(server.programs, machine).find(
    path => server.accepts?.(machine.askVersion(path)) ?? true,
  );
  return program === undefined ? undefined : { server, program, foundBy: 'PATH' };
}

/**
 * @param {import('./services.mjs').Server} server
 * @param {Machine} machine
 * @returns {FoundProgram | undefined}
 */
function built(server, { builtPrograms, isProgram }) {
  const program = server.builtProgram && join(builtPrograms, server.builtProgram);
  return program && isProgram(program) ? { server, program, foundBy: 'cache' } : undefined;
}

/**
 * @template T, R
 * @param {readonly T[]} values
 * @param {(value: T) => R | undefined} read
 */
function first(values, read) {
  for (const value of values) {
    const found = read(value);
    if (found !== undefined) return found;
  }
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} program */
function askVersion(program) {
  return execFileSync(program, ['--version'], { encoding: 'utf8' });
}
