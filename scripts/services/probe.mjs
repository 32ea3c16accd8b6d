import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';

const ANSWER_TIMEOUT_MS = 2_000;

/**
 * Asks a server who it is, with the driver that the stores use; rejects where it does not answer.
 * @param {string} url
 * @returns {Promise<string>} Name and version, as in `MariaDB 10.11.19`.
 */
export function probe(url) {
  if (url.startsWith('redis')) return probeRedis(url);
  return url.startsWith('mongodb') ? probeMongo(url) : probeMysql(url);
}

/** @param {string} url */
async function probeRedis(url) {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  // The rejection of the call tells the same.
  client.on('error', () => {});
  try {
    await client.connect();
    return `Redis ${/^redis_version:(\S+)/m.exec(await client.info('server'))?.[1]}`;
  } finally {
    client.disconnect();
  }
}

/** @param {string} url */
async function probeMongo(url) {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: ANSWER_TIMEOUT_MS });
  try {
    const info = await client.db('admin').command({ buildInfo: 1 });
    return info.ferretdbVersion ? `FerretDB (as MongoDB ${info.version})` : `MongoDB ${info.version}`;
  } finally {
    await client.close();
  }
}

/** @param {string} url */
async function probeMysql(url) {
  const { pathname } = new URL(url);
  const connection = await createConnection({ uri: withoutDatabase(url), connectTimeout: ANSWER_TIMEOUT_MS });
  try {
    const database = pathname.slice(1);
    if (database !== '') await connection.query('CREATE DATABASE IF NOT EXISTS ??', [database]);
    const [[row]] = /** @type {[{ version: string }[], unknown]} */ (
      await connection.query('SELECT VERSION() AS version')
    );
    return versionOf(row?.version ?? '');
  } finally {
    await connection.end();
  }
}

/** @param {string} url */
function withoutDatabase(url) {
  const server = new URL(url);
  server.pathname = '/';
  return server.href;
}

/**
 * `10.11.19-MariaDB-0+deb12u1`, `8.0.11-TiDB-v8.5.3`, `8.4.6`.
 * @param {string} version
 */
function versionOf(version) {
  const tidb = /-TiDB-v?(\S+)/.exec(version)?.[1];
  if (tidb !== undefined) return `TiDB ${tidb}`;
  const number = version.split('-')[0];
  return version.includes('MariaDB') ? `MariaDB ${number}` : `MySQL ${number}`;
}
