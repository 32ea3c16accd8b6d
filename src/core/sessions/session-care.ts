import type { StoreChain } from '../chain/store-chain.ts';
import { requireKnown } from '../chain/store-names.ts';
import { answerWithin, type Deadline } from '../deadline.ts';
import { SessionError } from '../errors.ts';
import type { LeaseKeeper } from '../leases/lease-keeper.ts';
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
  async function changeExcluded(runner: SessionRunner, excludedStores: readonly string[]): Promise<void> {
    await runner.whileHalted(async () => {
      await runner.holding.saveRecord({ excludedStores });
      await runner.holding.letGo('close');
      await runner.holding.open();
    });
  }

  async function catchUp(id: string, store: string | undefined): Promise<void> {
    const wanted = chain
      .followers(id)
      .filter(follower => store === undefined || follower.store.name === store);
    await Promise.all(
      wanted.map(follower => {
        follower.hurry();
        const { target } = follower.standing();
        return answerWithin(follower.store.name, deadline, () => follower.reached(target));
      }),
    );
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
      const { state, holding } = runner;
      const { id } = state.view();
      const { excludedStores } = state.record;
      if (store !== undefined && excludedStores.includes(store)) {
        await changeExcluded(
          runner,
          excludedStores.filter(name => name !== store),
        );
      }
      const wasHeld = holding.held() !== undefined;
      const { session } = await holding.open();
      await session.entries.flush();
      await catchUp(id, store);
      if (!wasHeld) await holding.letGo('close');
    },

    restore(runner, request) {
      return runner.whileHalted(async () => {
        const sessionId = runner.state.view().id;
        const { restoredFrom, isStale } = await vault.restore({ sessionId, ...request });
        const { history } = await runner.holding.open();
        const code = isStale ? 'RESTORED_STALE' : 'RESTORED';
        history.note(
          runner.state.status,
          { code, message: `Restored from store ${restoredFrom}.` },
          deadline.clock.now(),
        );
        return { restoredFrom, session: runner.state.view() };
      });
    },

    async deleteFrom(runner, stores) {
      requireKnown(chain.stores, stores);
      const { id } = runner.state.view();
      const holders = await holdersOf(id);
      if (holders.every(name => stores.includes(name))) {
        throw new SessionError(
          'BAD_USER_INPUT',
          `these are all the stores that hold session ${id}: leave \`stores\` out`,
        );
      }
      const excluded = [...new Set([...runner.state.record.excludedStores, ...stores])];
      await changeExcluded(runner, excluded);
      const { session } = await runner.holding.open();
      return { ...(await session.eraseFrom(stores)), unlinked: false };
    },

    async deleteEverywhere(runner) {
      const { account, status } = runner.state;
      const connection = status === 'CONNECTED' && account ? runner.connection() : undefined;
      const unlinked = (await connection?.unlink()) ?? false;
      await runner.halt();
      try {
        return { ...(await deleteEverywhere(deps, runner.state.view().id)), unlinked };
      } catch (error) {
        // What could not be deleted goes on as it was.
        if (runner.state.record.desiredState === 'RUNNING') runner.resume();
        throw error;
      }
    },
  };
}
