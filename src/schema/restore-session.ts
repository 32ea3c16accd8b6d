import type { RestoreResult } from '../core/sessions/sessions.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { Session } from './session.ts';
import { withoutNulls } from './without-nulls.ts';

const RestoreSessionInput = builder.inputType('RestoreSessionInput', {
  description: 'What restoreSession needs.',
  fields: t => ({
    id: t.id({ required: true, description: 'The session to restore.' }),
    from: t.string({
      description: 'The store to take the session from; the freshest reachable one where left out.',
    }),
    acceptStale: t.boolean({
      defaultValue: false,
      description:
        'Needed to go back to a copy that is behind what is known. Scope admin. Recorded in the history.',
    }),
  }),
});

const RestoreSessionPayload = builder.objectRef<RestoreResult>('RestoreSessionPayload').implement({
  description: 'What restoreSession restored.',
  fields: t => ({
    session: t.expose('session', { type: Session, description: 'The session as it is now.' }),
    restoredFrom: t.exposeString('restoredFrom', { description: 'The store it was taken from.' }),
  }),
});

builder.mutationField('restoreSession', t =>
  t.field({
    type: RestoreSessionPayload,
    description: 'Makes the copy of one store the newest state, as a new revision.',
    extensions: opens('sessions:write', {
      rate: 'rare',
      alsoFor: ({ input }) => (input?.acceptStale ? 'admin' : undefined),
    }),
    args: {
      input: t.arg({ type: RestoreSessionInput, required: true, description: 'What to restore from where.' }),
    },
    resolve: (_root, { input }, { sessions }) =>
      sessions.restoreSession({ ...withoutNulls(input), acceptStale: input.acceptStale ?? false }),
  }),
);
