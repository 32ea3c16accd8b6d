import { ferretdb } from './ferretdb.mjs';
import { mariadb } from './mariadb.mjs';
import { mongod } from './mongod.mjs';
import { mysql } from './mysql.mjs';
import { redis } from './redis.mjs';
import { tidbServer } from './tidb-server.mjs';

/**
 * A program that serves one of the protocols.
 * @typedef {object} Server
 * @property {string} name
 * @property {string} [version] Where the server does not know its own.
 * @property {readonly string[]} programs What it is called on a PATH, best name first.
 * @property {string} [builtProgram] What it is called among the programs that were built here.
 * @property {(version: string) => boolean} [accepts] Whether a program that calls itself so is really this one.
 * @property {(program: string, folder: string) => Promise<void>} [prepare] Makes an empty data folder usable.
 * @property {(place: Place) => string[]} parameters
 * @property {(tls: Tls) => string[]} [tlsParameters] Makes it take TLS too, where that is known.
 * @property {(port: number) => string} url
 * @property {() => Promise<string | undefined>} [install] Installs it; the reason where that is impossible.
 */

/** @typedef {{ port: number, certificate: string, key: string }} Tls PEM files, and where a server listens that has a port for it. */
/** @typedef {{ folder: string, port: number }} Place Where the data is, and where it listens on loopback. */
/** @typedef {'mongodb' | 'tidb' | 'mariadb' | 'redis'} ServiceName */

/**
 * A protocol that tests need a server for.
 * @typedef {object} Service
 * @property {string} variable The environment variable that names a server which is there already.
 * @property {readonly Server[]} servers In the order of choice.
 * @property {string} remedy How a person gets one.
 */

/** @type {Readonly<Record<ServiceName, Service>>} */
export const SERVICES = {
  mongodb: {
    variable: 'TEST_MONGODB_URI',
    servers: [mongod, ferretdb],
    remedy: '`npm run services` installs one',
  },
  tidb: {
    variable: 'TEST_TIDB_URL',
    servers: [tidbServer],
    // Its Go module is not published by versions, so there is nothing that could be installed by name.
    remedy: '`docker compose up -d tidb` starts one',
  },
  mariadb: {
    variable: 'TEST_MARIADB_URL',
    servers: [mariadb, mysql],
    remedy: '`npm run services` installs one',
  },
  redis: {
    variable: 'TEST_REDIS_URL',
    servers: [redis],
    remedy: '`npm run services` installs one',
  },
};

export const SERVICE_NAMES = /** @type {ServiceName[]} */ (Object.keys(SERVICES));

/**
 * The services whose absence is a failure: all of them in CI, unless it names those it can have.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {readonly string[]}
 */
export function requiredServices(environment) {
  const named = environment.REQUIRED_SERVICES;
  if (named !== undefined) return named.split(',').filter(name => name !== '');
  return environment.CI ? SERVICE_NAMES : [];
}
