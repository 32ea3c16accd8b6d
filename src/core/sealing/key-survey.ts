import type { StoreChain } from '../chain/store-chain.ts';
import { answerWithin, asStoreError, type Deadline } from '../deadline.ts';
import { inParallel } from '../in-parallel.ts';
import type { SessionStore } from '../store.ts';
import type { CopiesUnderKey, KeyReport, KeyUsage, UnreadableCopy } from './key-views.ts';
import { fingerprintOf } from './keyring.ts';
import { DATA_KEY } from './session-key.ts';

const AT_ONCE = 16;

export interface KeySurveyDeps {
  readonly chain: StoreChain;
  readonly deadline: Deadline;
}

/** The secret that one copy of a session is under. */
export interface CopyKey {
  readonly store: string;
  readonly sessionId: string;
  readonly fingerprint: string;
}

/** Every living copy in every store, those too that a session excludes: what a secret opens, it still opens there. */
export interface KeySurvey {
  readonly copies: readonly CopyKey[];
  readonly unreadable: readonly UnreadableCopy[];
}

/** `concerns` says which sessions are asked for. A store or copy that can't be read is told, never passed over. */
export async function surveyKeys(
  { chain, deadline }: KeySurveyDeps,
  concerns: (sessionId: string) => boolean = () => true,
): Promise<KeySurvey> {
  const copies: CopyKey[] = [];
  const unreadable: UnreadableCopy[] = [];

  async function surveyStore(store: SessionStore): Promise<void> {
    try {
      const ids = await answerWithin(store.name, deadline, () => listAll(store));
      await inParallel(ids.filter(concerns), AT_ONCE, id => surveyCopy(store, id));
    } catch (error) {
      const { message } = asStoreError(store.name, error);
      unreadable.push({ store: store.name, sessionId: undefined, message });
    }
  }

  async function surveyCopy(store: SessionStore, sessionId: string): Promise<void> {
    try {
      const fingerprint = await answerWithin(store.name, deadline, () => keyOfCopy(store, sessionId));
      if (fingerprint !== undefined) copies.push({ store: store.name, sessionId, fingerprint });
    } catch (error) {
      const { message } = asStoreError(store.name, error);
      unreadable.push({ store: store.name, sessionId, message });
    }
  }

  for (const store of chain.stores) await surveyStore(store);
  return { copies, unreadable };
}

async function listAll(store: SessionStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of store.listSessions()) for (const id of page) ids.push(id);
  return ids;
}

/** Undefined where there is no copy any more: a tombstone is under no secret. */
async function keyOfCopy(store: SessionStore, sessionId: string): Promise<string | undefined> {
  const head = await store.readHead(sessionId);
  if (!head || head.deleted) return undefined;
  const wrapped = (await store.loadEntries(sessionId, [DATA_KEY])).get(DATA_KEY);
  const fingerprint = wrapped && fingerprintOf(wrapped);
  if (fingerprint === undefined) throw new Error(`the copy of session ${sessionId} has no data key`);
  return fingerprint;
}

/** Pure: what was found, by secret. */
export function reportKeys(
  { copies, unreadable }: KeySurvey,
  configured: readonly string[],
  isVisible: (sessionId: string) => boolean,
): KeyReport {
  const names = new Set([...configured, ...copies.map(({ fingerprint }) => fingerprint).sort()]);
  const keys = [...names].map(
    (fingerprint): KeyUsage => ({
      fingerprint,
      isConfigured: configured.includes(fingerprint),
      isNewest: fingerprint === configured[0],
      copies: byStore(
        copies.filter(copy => copy.fingerprint === fingerprint),
        isVisible,
      ),
    }),
  );
  const shown = unreadable.map(copy =>
    copy.sessionId === undefined || isVisible(copy.sessionId) ? copy : hidden(copy),
  );
  return { keys, unreadable: shown };
}

function byStore(copies: readonly CopyKey[], isVisible: (sessionId: string) => boolean): CopiesUnderKey[] {
  return [...new Set(copies.map(({ store }) => store))].map(store => {
    const ids = copies.filter(copy => copy.store === store).map(({ sessionId }) => sessionId);
    return { store, count: ids.length, sessionIds: ids.filter(isVisible).sort() };
  });
}

const hidden = ({ store }: UnreadableCopy): UnreadableCopy => ({
  store,
  sessionId: undefined,
  message: `store ${store}: a copy can not be read`,
});
