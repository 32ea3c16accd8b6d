import { expect } from 'vitest';
import { StoreError, type StoreErrorCode } from '../../src/core/errors.ts';
import type {
  Change,
  CopyHead,
  Entry,
  Head,
  Position,
  Replacement,
  SessionStore,
} from '../../src/core/store.ts';

/** Text stands for sealed bytes; undefined deletes. */
export type Values = Readonly<Record<string, string | undefined>>;

export const sealed = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
export const opened = (value: Uint8Array): string => Buffer.from(value).toString('latin1');

export const position = (epoch: number, revision: number): Position => ({ epoch, revision });

/** Two heads at one place hold the same history when their `history` is the same. */
export const headAt = (epoch: number, revision: number, history = 'main'): Head => ({
  epoch,
  revision,
  digest: `${history}@${epoch}.${revision}`,
});

export function changeOf(
  sessionId: string,
  base: Position,
  head: Head,
  values: Values,
  rest: Partial<Change> = {},
): Change {
  const entries = Object.entries(values).map(([name, text]) => ({
    name,
    value: text === undefined ? undefined : sealed(text),
  }));
  return {
    sessionId,
    fence: head.epoch,
    base: position(base.epoch, base.revision),
    head,
    complete: true,
    entries,
    ...rest,
  };
}

export function replacementOf(
  sessionId: string,
  head: Head,
  values: Readonly<Record<string, string>>,
  rest: Partial<Replacement> = {},
): Replacement {
  const entries = Object.entries(values).map(([name, text]) => ({ name, value: sealed(text) }));
  return { sessionId, fence: head.epoch, head, complete: true, deleted: false, entries, ...rest };
}

export const tombstoneOf = (sessionId: string, head: Head): Replacement =>
  replacementOf(sessionId, head, {}, { deleted: true });

export interface CopyState {
  readonly head: CopyHead;
  readonly values: Readonly<Record<string, string>>;
}

export async function collect(entries: AsyncIterable<Entry>): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for await (const { name, value } of entries) {
    expect(Object.hasOwn(values, name), `${name} is streamed once`).toBe(false);
    values[name] = opened(value);
  }
  return values;
}

/** All that a store holds of a session. */
export async function stateOf(store: SessionStore, sessionId: string): Promise<CopyState | undefined> {
  const session = await store.loadSession(sessionId);
  return session && { head: session.head, values: await collect(session.entries) };
}

export async function valuesOf(store: SessionStore, sessionId: string) {
  return (await stateOf(store, sessionId))?.values;
}

export async function listed(store: SessionStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of store.listSessions()) ids.push(...page);
  return ids.sort();
}

/** The code of the refusal; fails where the call resolves or rejects with anything but a StoreError. */
export async function codeOf(call: Promise<unknown>): Promise<StoreErrorCode> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, 'the call is refused').toBeInstanceOf(StoreError);
  return (error as StoreError).code;
}

/** Refused with `code`, and the copy is what it was. */
export async function expectRefused(
  store: SessionStore,
  sessionId: string,
  call: () => Promise<unknown>,
  code: StoreErrorCode,
): Promise<void> {
  const before = await stateOf(store, sessionId);
  expect(await codeOf(call())).toBe(code);
  expect(await stateOf(store, sessionId)).toEqual(before);
}
