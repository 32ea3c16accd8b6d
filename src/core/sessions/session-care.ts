import type { Follower } from '../chain/follower.ts';
import type { StoreChain } from '../chain/store-chain.ts';
import { requireKnown } from '../chain/store-names.ts';
import { type Deadline, withinDeadline } from '../deadline.ts';
import { SessionError } from '../errors.ts';
import type { LeaseKeeper } from '../leases/lease-keeper.ts';
import type { OpenedSession } from '../vault/opened-session.ts';
import type { SessionVault } from '../vault/session-vault.ts';
import { deleteEverywhere } from './session-deletion.ts';
import type { SessionRunner } from './session-runner.ts';
import type { DeletionResult, RestoreResult } from './sessions.ts';

export interface SessionCareDeps {
  readonly chain: StoreChain;
  readonly vault: SessionVault;
  readonly leases: LeaseKeeper;
  readonly deadline: Deadline;
}

/** What is done to the copies of a session. Whoever runs it keeps its socket where that is possible. */
export interface SessionCare {
  sync(runner: SessionRunner, store: string | undefined): Promise<void>;
  restore(
    runner: SessionRunner,
    request: { from: string | undefined; acceptStale: boolean },
  ): Promise<RestoreResult>;
  deleteFrom(runner: SessionRunner, stores: readonly string[]): Promise<DeletionResult>;
  deleteEverywhere(runner: SessionRunner): Promise<DeletionResult>;
}

export function createSessionCare(deps: SessionCareDeps): SessionCare {
  const { chain, vault, deadline } = deps;

  /** The stores of a session are chosen when it is opened: to change them it is opened anew. */
  function withStores<T>(
    runner: SessionRunner,
    change: (excluded: readonly string[]) => readonly string[],
    work: (session: OpenedSession) => Promise<T>,
  ): Promise<T> {
    const { holding, state } = runner;
    return runner.whileHalted(async () => {
      const { entries } = (await holding.open()).session;
      const { id } = state.view();
      const before = state.record.excludedStores;
      const excludedStores = change(before);
      // Once before it is noted, so that a crash cannot leave the newest state alone in a store that is given up.
      await entries.flush();
      await oneHasAll(id, before, excludedStores);
      try {
        await holding.saveRecord({ excludedStores });
        await oneHasAll(id, before, excludedStores);
      } catch (error) {
        await holding.saveRecord({ excludedStores: before });
        throw error;
      }
      await holding.letGo('close');
      return work((await holding.open()).session);
    });
  }

  /** Or the next opening would not see the newest state of the session, and a store that has it would be told to forget it. */
  async function oneHasAll(id: string, before: readonly string[], after: readonly string[]): Promise<void> {
    const base = chain.stores.find(({ name }) => !before.includes(name));
    if (base && !after.includes(base.name)) return;
    const staying = chain.followers(id).filter(({ store }) => !after.includes(store.name));
    if (staying.length === 0) throw noOtherStore(id);
    await Promise.any(staying.map(bringUpToDate)).catch(({ errors }: AggregateError) => {
      throw errors[0];
    });
  }

  const bringUpToDate = ({ store, catchUp }: Follower): Promise<void> =>
    withinDeadline(`bringing store ${store.name} up to date`, deadline, catchUp);

  async function catchUp(id: string, store: string | undefined): Promise<void> {
    const wanted = chain
      .followers(id)
      .filter(follower => store === undefined || follower.store.name === store);
    await Promise.all(wanted.map(bringUpToDate));
  }

  async function holdersOf(id: string): Promise<string[]> {
    const answers = await chain.survey(id);
    return answers.flatMap(answer =>
      answer.kind === 'found' && !answer.head.deleted ? [answer.store.name] : [],
    );
  }

  return {
    async sync(runner, store) {
      if (store !== undefined) requireKnown(chain.stores, [store]);
      const { id } = runner.state.view();
      const flush = async ({ entries }: OpenedSession) => {
        await entries.flush();
        await catchUp(id, store);
      };
      if (store !== undefined && runner.state.record.excludedStores.includes(store)) {
        return withStores(runner, excluded => excluded.filter(name => name !== store), flush);
      }
      // Whoever runs it goes on; for whoever rests it is opened, in turn with those who would start it.
      const { holding } = runner;
      const held = holding.failure() ? undefined : holding.held();
      if (held) return flush(held.session);
      return runner.whileHalted(async () => flush((await holding.open()).session));
    },

    async restore(runner, request) {
      const sessionId = runner.state.view().id;
      const { restoredFrom } = await runner.whileHalted(async () => {
        const restored = await vault.restore({ sessionId, ...request });
        const { history } = await runner.holding.open();
        const code = restored.isStale ? 'RESTORED_STALE' : 'RESTORED';
        const message = `Restored from store ${restored.restoredFrom}.`;
        history.note(runner.state.status, { code, message }, deadline.clock.now());
        return restored;
      });
      // It waited for this: no copy was good enough to go on from.
      if (runner.state.status === 'FAILED' && runner.state.record.desiredState === 'RUNNING') runner.resume();
      return { restoredFrom, session: runner.state.view() };
    },

    async deleteFrom(runner, stores) {
      requireKnown(chain.stores, stores);
      const { id } = runner.state.view();
      const holders = await holdersOf(id);
      if (holders.every(name => stores.includes(name))) throw noOtherStore(id);
      const addStores = (excluded: readonly string[]) => [...new Set([...excluded, ...stores])];
      const deletion = await withStores(runner, addStores, session => session.eraseFrom(stores));
      return { ...deletion, unlinked: false };
    },

    async deleteEverywhere(runner) {
      const { account, status } = runner.state;
      const connection = status === 'CONNECTED' && account ? runner.connection() : undefined;
      const unlinked = (await connection?.unlink()) ?? false;
      try {
        const { id } = runner.state.view();
        return await runner.afterHalt(async () => {
          const deletion = await deleteEverywhere(deps, id);
          runner.gone();
          return { ...deletion, unlinked };
        });
      } catch (error) {
        // What could not be deleted goes on as it was.
        if (runner.state.record.desiredState === 'RUNNING') runner.resume();
        throw error;
      }
    },
  };
}

function noOtherStore(id: string): SessionError {
  const message = `these are all the stores that hold session ${id}: leave \`stores\` out`;
  return new SessionError('BAD_USER_INPUT', message);
}
