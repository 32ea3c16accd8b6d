import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createStoreChain, type StoreChain } from '../../src/core/chain/store-chain.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Head, SessionStore } from '../../src/core/store.ts';
import type { SessionWriter } from '../../src/core/vault/session-writer.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { stateOf, type Values } from '../contract/sample-changes.ts';
import { createChainWriter } from '../support/chain-writer.ts';
import { until } from '../support/condition.ts';
import type { Database } from '../support/database.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';

export const SESSION = 'shop';

/** A file store, and a database behind a network that a test spoils: both real, in one chain. */
export interface RealChain {
  readonly proxy: FaultProxy;
  readonly file: SessionStore;
  /** The database, past the proxy. */
  readonly direct: SessionStore;
  open(): Promise<RealOwner>;
  /** Until both hold the same history and the same bytes. */
  converged(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

export interface RealOwner {
  readonly chain: StoreChain;
  readonly writer: SessionWriter;
  write(values: Values): Promise<void>;
  close(): Promise<void>;
  /** As a process that dies, its stores included. */
  crash(): Promise<void>;
}

export interface RealChainOptions {
  readonly awaited: 'file' | 'all';
  readonly deadlineMs?: number;
  /** How long the database's store waits for an answer. */
  readonly patienceMs?: number;
  readonly maxPendingBytes?: number;
}

export async function createRealChain(database: Database, options: RealChainOptions): Promise<RealChain> {
  const { deadlineMs = 5_000, patienceMs = 1_000, maxPendingBytes = 8 << 20 } = options;
  const directory = await mkdtemp(join(tmpdir(), 'sessiongraph-chain-'));
  const proxy = await startFaultProxy({ port: database.serverPort });
  const direct = await database.open();
  const chains = new Set<StoreChain>();
  let file: SessionStore | undefined;

  async function open(): Promise<RealOwner> {
    const deadline = { clock: systemClock, ms: deadlineMs };
    file = await openFileStore({ name: 'file', directory });
    const chain = createStoreChain({
      stores: [file, await database.open({ port: proxy.port, patienceMs })],
      awaited: new Set(options.awaited === 'all' ? ['file', database.store] : ['file']),
      deadline,
      maxPendingBytes,
      startWithoutStores: 'allow',
    });
    chains.add(chain);
    const { epoch } = await chain.leases.acquireLease({ sessionId: SESSION, holder: 'test', above: 0 });
    const { head } = await chain.openSession({ sessionId: SESSION, epoch, excluded: [], onFenced: () => {} });
    const { writer, write } = createChainWriter(chain, { sessionId: SESSION, epoch, head: head, deadline });

    async function end(): Promise<void> {
      writer.close(new Error('the session was closed'));
      chains.delete(chain);
      await chain.close();
    }
    return {
      chain,
      writer,
      write,
      async close() {
        await writer.flush();
        await chain.closeSession(SESSION);
        await end();
      },
      crash() {
        chain.abandonSession(SESSION);
        return end();
      },
    };
  }

  async function isConverged(): Promise<boolean> {
    if (!file) throw new Error('the chain was never opened');
    // What was just dropped, or is being made, may refuse for a moment.
    const unlessAway = <T>(call: Promise<T>) => call.catch(() => undefined);
    const heads = await Promise.all([file.readHead(SESSION), unlessAway(direct.readHead(SESSION))]);
    if (!isSameHistory(...heads)) return false;
    const [ours, theirs] = await Promise.all([stateOf(file, SESSION), unlessAway(stateOf(direct, SESSION))]);
    if (!isSameHistory(ours?.head, theirs?.head)) return false;
    expect(theirs?.values).toEqual(ours?.values);
    return true;
  }

  return {
    proxy,
    direct,
    get file() {
      if (!file) throw new Error('the chain was never opened');
      return file;
    },
    open,
    converged: (timeoutMs = 30_000) =>
      until('both stores hold the same', isConverged, timeoutMs).then(() => {}),
    async close() {
      await Promise.all([...chains].map(chain => chain.close()));
      await direct.close();
      await proxy.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const isSameHistory = (ours: Head | undefined, theirs: Head | undefined): boolean =>
  ours !== undefined &&
  ours.digest === theirs?.digest &&
  ours.revision === theirs.revision &&
  ours.epoch === theirs.epoch;
