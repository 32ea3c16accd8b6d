import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionStore } from '../../src/core/store.ts';
import { openFileStore } from '../../src/plugins/store-file/index.ts';
import { type CopyState, sealed, stateOf } from '../contract/sample-changes.ts';
import type { ModelScene } from '../support/chain-model.ts';
import { SESSION } from '../support/chain-scene.ts';
import { createDatabase, type Database } from '../support/database.ts';
import { saveContents } from '../support/database-contents.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { expectSameCopies, openModelOwner } from '../support/model-owner.ts';

const DEADLINE_MS = 1_000;
const PATIENCE_MS = 300;
const SPELL_MS = 150;
/** Bytes of the next answer that still arrive. */
const CUT_BYTES = 9;

/** A store with its disk, and whatever the chain reaches it through. */
interface Place {
  /** Past all faults. */
  readonly direct: SessionStore;
  readonly database?: Database;
  /** As the chain gets it; undefined for the file, which has no network. */
  readonly proxy?: FaultProxy;
  openForChain(): Promise<SessionStore>;
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** A file store and real databases behind networks of their own, by the clock on the wall. */
export async function createDatabasesScene(
  urls: readonly string[],
): Promise<ModelScene & { close(): Promise<void> }> {
  const places = [await openFilePlace(), ...(await Promise.all(urls.map(openDatabasePlace)))];
  const backups = new Map<number, CopyState>();
  const placeAt = (place: number) => places[place] as Place;

  const openOwner = async (excluded: readonly number[]) =>
    openModelOwner(await Promise.all(places.map(place => place.openForChain())), excluded, DEADLINE_MS);

  const states = () =>
    Promise.all(places.map(({ direct }) => stateOf(direct, SESSION).catch(() => undefined)));

  return {
    deadlineMs: DEADLINE_MS,
    openOwner,
    advance: async () => {},
    states,
    async strike(fault, place) {
      const { proxy } = placeAt(place);
      const spell = (kind: 'black-hole' | 'latency') => {
        proxy?.become(kind === 'latency' ? { kind, ms: 20 } : { kind });
        setTimeout(() => proxy?.become({ kind: 'good' }), SPELL_MS);
      };
      if (fault === 'down') proxy?.become({ kind: 'reset' });
      else if (fault === 'up') proxy?.become({ kind: 'good' });
      else if (fault === 'hang') spell('black-hole');
      else if (fault === 'slow') spell('latency');
      else proxy?.cutAfter(fault === 'full' ? 0 : CUT_BYTES);
    },
    async lose(loss, place) {
      const lost = placeAt(place);
      const older = backups.get(place);
      const now = await stateOf(lost.direct, SESSION);
      if (now) backups.set(place, now);
      await lost.wipe();
      if (loss === 'older-backup' && older) await putBack(lost.direct, older);
    },
    async backUp(place) {
      const { database } = placeAt(place);
      return database ? saveContents(database) : async () => {};
    },
    comeRight() {
      for (const { proxy } of places) proxy?.become({ kind: 'good' });
    },
    expectConverged: () => expectSameCopies(states),
    async close() {
      await Promise.all(places.map(place => place.close()));
    },
  };
}

function putBack(store: SessionStore, { head, values }: CopyState): Promise<void> {
  const entries = Object.entries(values).map(([name, text]) => ({ name, value: sealed(text) }));
  const { fence, complete, deleted } = head;
  return store.replaceSession({ sessionId: SESSION, fence, head, complete, deleted, entries });
}

async function openFilePlace(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'sessiongraph-model-'));
  let store = await openFileStore({ name: 'file', directory });
  return {
    get direct() {
      return store;
    },
    // Its process does not die here: its directory lets one in at a time.
    openForChain: async () => ({ ...store, close: async () => {} }),
    async wipe() {
      await store.close();
      await rm(directory, { recursive: true });
      store = await openFileStore({ name: 'file', directory });
    },
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openDatabasePlace(url: string): Promise<Place> {
  const database: Database = createDatabase(url);
  const proxy = await startFaultProxy({ port: database.serverPort });
  let direct = await database.open();
  return {
    get direct() {
      return direct;
    },
    database,
    proxy,
    openForChain: () => database.open({ port: proxy.port, patienceMs: PATIENCE_MS }),
    async wipe() {
      await direct.close();
      await database.drop();
      direct = await database.open();
    },
    async close() {
      await direct.close();
      await proxy.close();
      await database.drop();
    },
  };
}
