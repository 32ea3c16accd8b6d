import { opens } from './access.ts';
import { builder } from './builder.ts';
import { sessionPayload } from './session-payload.ts';
import { withoutNulls } from './without-nulls.ts';

const SyncSessionInput = builder.inputType('SyncSessionInput', {
  description: 'What syncSession needs.',
  fields: t => ({
    id: t.id({ required: true, description: 'The session to sync.' }),
    store: t.string({
      description: 'Only this store, even if it was excluded; all lagging ones where left out.',
    }),
  }),
});

const SyncSessionPayload = sessionPayload('SyncSessionPayload', 'What syncSession synced.');

builder.mutationField('syncSession', t =>
  t.field({
    type: SyncSessionPayload,
    description: 'Resolves once the store(s) durably hold the newest revision.',
    extensions: opens('sessions:write', { rate: 'rare' }),
    args: { input: t.arg({ type: SyncSessionInput, required: true, description: 'What to sync where.' }) },
    resolve: (_root, { input }, { sessions }) => sessions.syncSession(withoutNulls(input)),
  }),
);
