import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Binary, MongoClient } from 'mongodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createStoreChain } from '../../src/core/chain/store-chain.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { openDatabaseStore } from './database-store.ts';
import { isMongo } from './database-system.ts';

/** `bare`: what the driver, the server and the disk need for the same bytes. */
export type RestoreWay = 'chain' | 'bare';

export interface RestoreResult {
  readonly ms: number;
  readonly entries: number;
  readonly sizeBytes: number;
}

const SESSION = 'keys-10000';

/** A session that the database has, onto a disk that has nothing. */
export async function restore(way: RestoreWay, url: URL, folder: string): Promise<RestoreResult> {
  await mkdir(folder, { recursive: true });
  try {
    return await (way === 'chain' ? restoreByChain(url, folder) : copyBare(url, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function restoreByChain(url: URL, folder: string): Promise<RestoreResult> {
  const file = await openFileStore({ name: 'file', directory: folder });
  const database = await openDatabaseStore({ url, onCommand: () => {} });
  await database.probe();
  const chain = createStoreChain({
    stores: [file, database],
    // Or the copy in the database would be marked as one that may be behind.
    awaited: new Set(['file', database.name]),
    deadline: { clock: systemClock, ms: 60_000 },
    maxPendingBytes: 8 << 20,
    startWithoutStores: 'allow',
  });
  const startedAt = performance.now();
  const lease = await chain.leases.acquireLease({ sessionId: SESSION, holder: 'bench', above: 0 });
  await chain.openSession({ sessionId: SESSION, epoch: lease.epoch, excluded: [], onFenced: () => {} });
  const ms = performance.now() - startedAt;
  const size = { entries: 0, sizeBytes: 0 };
  const copy = await file.loadSession(SESSION);
  for await (const { name, value } of copy?.entries ?? []) {
    size.entries += 1;
    size.sizeBytes += name.length + value.length;
  }
  await chain.closeSession(SESSION);
  await chain.leases.releaseLease(lease);
  await chain.close();
  return { ms, ...size };
}

async function copyBare(url: URL, folder: string): Promise<RestoreResult> {
  const reader = await (isMongo(url) ? openDocuments(url) : openRows(url));
  const startedAt = performance.now();
  const parts = await reader.readAll();
  const bytes = Buffer.concat(parts.flatMap(({ name, value }) => [Buffer.from(name), value]));
  const file = await open(join(folder, 'copy'), 'w');
  await file.writeFile(bytes);
  await file.sync();
  await file.close();
  const ms = performance.now() - startedAt;
  await reader.close();
  return { ms, entries: parts.length, sizeBytes: bytes.length };
}

interface Part {
  readonly name: string;
  readonly value: Uint8Array;
}

async function openRows(url: URL) {
  const connection = await createConnection(url.href);
  const entries = `SELECT e.name, e.value FROM sessiongraph_entries h
    JOIN sessiongraph_entries e ON e.generation = h.copy_generation AND e.sid = h.sid
    WHERE h.generation = 0 AND h.sid = ? AND h.name = '' AND h.chunk = 0`;
  return {
    readAll: async () =>
      (await connection.query<(RowDataPacket & Part)[]>(entries, [Buffer.from(SESSION)]))[0],
    close: () => connection.end(),
  };
}

async function openDocuments(url: URL) {
  const client = new MongoClient(url.href);
  const all = { _id: { $gte: `${SESSION}/`, $lt: `${SESSION}0` } };
  const entries = client.db().collection<{ _id: string; value?: Binary }>('sessiongraph_entries');
  await client.connect();
  return {
    async readAll(): Promise<Part[]> {
      const found = await entries.find(all).toArray();
      return found.map(({ _id, value }) => ({ name: _id, value: value?.buffer ?? new Uint8Array() }));
    },
    close: () => client.close(),
  };
}
