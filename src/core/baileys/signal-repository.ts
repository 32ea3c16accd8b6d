import {
  DEFAULT_CONNECTION_CONFIG,
  type SignalDataSet,
  type SignalKeyStore,
  type SignalKeyStoreWithTransaction,
  type SignalRepositoryWithLIDStore,
  type SocketConfig,
} from '@whiskeysockets/baileys';
import { oneSessionAtATime } from '../../signal/one-session-at-a-time.ts';
import { UncertainCommit } from '../../signal/uncertain-commit.ts';
import type { Lane } from '../lane.ts';
import { type HeldKeys, mergeKeys } from './merge-keys.ts';

type MakeRepository = SocketConfig['makeSignalRepository'];

/**
 * The signal repository on a key store of its own (law 4).
 *
 * Baileys runs a whole send inside one transaction and commits last, after the message is on the wire; and its
 * transactions exclude each other only by name, so a send and a receive that touch one ratchet lose an update. Here
 * every call of the repository is one transaction, alone in its session and committed before the call returns: a
 * ciphertext does not exist before its ratchet is durable, and a plaintext is not shown before its message key is
 * spent.
 *
 * Which transaction a write belongs to is known because there is only one, and not from the async context: libsignal
 * queues its jobs by address for the whole process, so a job of one session may well run in the context of another.
 */
export function serialSignalRepository(keys: SignalKeyStore, lane: Lane): MakeRepository {
  let writes: SignalDataSet | undefined;

  async function transaction<T>(job: () => Promise<T>): Promise<T> {
    writes = {};
    try {
      const result = await job();
      if (Object.keys(writes).length > 0) await commit(writes, result);
      return result;
    } finally {
      writes = undefined;
    }
  }

  async function commit(changes: SignalDataSet, result: unknown): Promise<void> {
    try {
      await keys.set(changes);
    } catch (error) {
      throw new UncertainCommit(result, error as Error);
    }
  }

  const store: SignalKeyStoreWithTransaction = {
    isInTransaction: () => writes !== undefined,

    async get(type, ids) {
      const written: { [id: string]: (typeof found)[string] | null } = writes?.[type] ?? {};
      const missing = ids.filter(id => !(id in written));
      const found = missing.length > 0 ? await keys.get(type, missing) : {};
      for (const id of ids) {
        const value = written[id];
        if (value !== undefined && value !== null) found[id] = value;
      }
      return found;
    },

    async set(data) {
      // Mappings of addresses come from everywhere, also from outside a call, and no ratchet depends on them.
      const isMapping = Object.keys(data).every(type => type === 'lid-mapping');
      if (writes && !isMapping) mergeKeys(writes as HeldKeys, data);
      else await keys.set(data);
    },

    transaction: work => work(),
  };
  const focused = oneSessionAtATime(store);

  return (auth, logger, pnToLid) => {
    const make = DEFAULT_CONNECTION_CONFIG.makeSignalRepository;
    const repository = make({ creds: auth.creds, keys: { ...store, ...focused.keys } }, logger, pnToLid);
    return {
      ...repository,
      ...inTurn(repository, job => lane(() => transaction(job))),
      decryptMessage(request) {
        const attempt = () => transaction(() => repository.decryptMessage(request));
        return lane(() =>
          request.type === 'msg' ? focused.decrypt(request.ciphertext, attempt) : attempt(),
        );
      },
    };
  };
}

/** Every other call that reads or writes keys; `lidMapping` stays as it is, since calls inside a transaction use it. */
function inTurn(repository: SignalRepositoryWithLIDStore, run: Lane): Partial<SignalRepositoryWithLIDStore> {
  return {
    decryptGroupMessage: request => run(() => repository.decryptGroupMessage(request)),
    encryptMessage: request => run(() => repository.encryptMessage(request)),
    encryptGroupMessage: request => run(() => repository.encryptGroupMessage(request)),
    processSenderKeyDistributionMessage: request =>
      run(() => repository.processSenderKeyDistributionMessage(request)),
    getSenderKeyDistributionMessage: request =>
      run(() => repository.getSenderKeyDistributionMessage(request)),
    hasSenderKey: request => run(() => repository.hasSenderKey(request)),
    injectE2ESession: request => run(() => repository.injectE2ESession(request)),
    validateSession: jid => run(() => repository.validateSession(jid)),
    getSessionInfo: jid => run(() => repository.getSessionInfo(jid)),
    deleteSession: jids => run(() => repository.deleteSession(jids)),
    migrateSession: (from, to) => run(() => repository.migrateSession(from, to)),
  };
}
