import type { DeletionResult } from '../core/sessions/sessions.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { withoutNulls } from './without-nulls.ts';

const DeleteSessionInput = builder.inputType('DeleteSessionInput', {
  description: 'What deleteSession needs.',
  fields: t => ({
    id: t.id({ required: true, description: 'The session to delete.' }),
    stores: t.stringList({
      description:
        'Only from these stores, which are excluded from then on; everywhere, and unlinked from the phone, where ' +
        'left out. Naming every store that holds it is BAD_USER_INPUT.',
    }),
  }),
});

const DeleteSessionPayload = builder
  .objectRef<DeletionResult & { readonly id: string }>('DeleteSessionPayload')
  .implement({
    description: 'What deleteSession deleted.',
    fields: t => ({
      id: t.exposeID('id', { description: 'The session that was deleted.' }),
      deletedFrom: t.stringList({
        description: 'Stores that hold it no more.',
        resolve: ({ deletedFrom }) => [...deletedFrom],
      }),
      pendingIn: t.stringList({
        description: 'Stores that could not be reached; they are told when they return.',
        resolve: ({ pendingIn }) => [...pendingIn],
      }),
      unlinked: t.exposeBoolean('unlinked', {
        description: 'Whether WhatsApp confirmed the unlinking (best effort).',
      }),
    }),
  });

builder.mutationField('deleteSession', t =>
  t.field({
    type: DeleteSessionPayload,
    description: 'Deletes it for good, or from named stores only.',
    extensions: opens('sessions:write', { rate: 'rare' }),
    args: {
      input: t.arg({ type: DeleteSessionInput, required: true, description: 'What to delete where.' }),
    },
    resolve: async (_root, { input }, { sessions }) => ({
      ...(await sessions.deleteSession(withoutNulls(input))),
      id: input.id,
    }),
  }),
);
