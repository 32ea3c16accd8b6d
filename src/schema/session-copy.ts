import type { CopyView, CopyState as State } from '../core/sessions/session-views.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const DESCRIPTIONS: Record<State, string> = {
  IN_SYNC: 'It holds the newest revision.',
  BEHIND: 'It lacks the newest changes; they are on their way.',
  MISSING: 'It was asked and holds nothing of this session.',
  DELETED: 'It holds the mark of a deletion.',
  UNREACHABLE: 'It cannot be asked right now.',
  UNREADABLE: 'It was asked and could not read what it holds.',
  CORRUPT: 'What it holds is damaged.',
  UNDECRYPTABLE: 'None of the configured secrets opens what it holds.',
  DIVERGED: 'It holds another history than ours.',
  EXCLUDED: 'It must not hold this session.',
};

const CopyState = builder.enumType('CopyState', {
  description: 'How the copy in one store compares with the newest known.',
  values: describedValues(DESCRIPTIONS),
});

export const SessionCopy = builder.objectRef<CopyView>('SessionCopy').implement({
  description: 'What one store of the chain holds of one session.',
  fields: t => ({
    store: t.exposeString('store', { description: 'Name of the store.' }),
    state: t.expose('state', { type: CopyState, description: 'How it compares with the newest known.' }),
    epoch: t.expose('epoch', {
      type: 'BigInt',
      nullable: true,
      description: 'Fencing token of the server that last wrote this copy.',
    }),
    revision: t.expose('revision', {
      type: 'BigInt',
      nullable: true,
      description: 'Number of the newest change in this copy.',
    }),
    behindBy: t.expose('behindBy', {
      type: 'BigInt',
      nullable: true,
      description: 'Changes that this store has not confirmed yet; null where the epochs differ.',
    }),
    lastSyncedAt: t.expose('lastSyncedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When this store last confirmed a change.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When this copy was made.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When this copy last changed.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why it could not be read or written, free of secrets.',
    }),
  }),
});
