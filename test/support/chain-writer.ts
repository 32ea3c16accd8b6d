import type { StoreChain } from '../../src/core/chain/store-chain.ts';
import { type Deadline, withinDeadline } from '../../src/core/deadline.ts';
import type { Head } from '../../src/core/store.ts';
import { createSessionWriter, type SessionWriter } from '../../src/core/vault/session-writer.ts';
import { sealed, type Values } from '../contract/sample-changes.ts';

export interface ChainWriter {
  readonly writer: SessionWriter;
  /** Texts by entry name; undefined deletes. */
  write(values: Values): Promise<void>;
  /** Those that exist, as texts. */
  values(names: readonly string[]): Promise<Record<string, string>>;
}

interface OpenSession {
  readonly sessionId: string;
  readonly epoch: number;
  /** Where it was opened. */
  readonly head: Head;
  readonly deadline: Deadline;
}

/** The one queue of changes of a session that is open on a chain. */
export function createChainWriter(
  chain: StoreChain,
  { sessionId, epoch, head, deadline }: OpenSession,
): ChainWriter {
  const writer = createSessionWriter({
    sessionId,
    epoch,
    head,
    now: deadline.clock.monotonicMs,
    apply: change => withinDeadline('writing', deadline, () => chain.applyChange(change)),
    applyReplacement: copy => withinDeadline('writing', deadline, () => chain.replaceSession(copy)),
    onFailure: () => {},
  });
  return {
    writer,
    async values(names) {
      const found = await chain.loadEntries(sessionId, names);
      return Object.fromEntries([...found].map(([name, value]) => [name, Buffer.from(value).toString()]));
    },
    write: values =>
      writer.write(
        Object.entries(values).map(([name, text]) => ({
          name,
          value: text === undefined ? undefined : sealed(text),
        })),
      ),
  };
}
