import { opens } from './access.ts';
import { builder } from './builder.ts';
import { sessionPayload } from './session-payload.ts';
import { withoutNulls } from './without-nulls.ts';

const CreateSessionInput = builder.inputType('CreateSessionInput', {
  description: 'What createSession needs.',
  fields: t => ({
    id: t.id({
      required: true,
      description: '1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot.',
    }),
    excludeStores: t.stringList({ description: 'Names of stores that must not hold this session.' }),
  }),
});

const CreateSessionPayload = sessionPayload('CreateSessionPayload', 'What createSession made or found.');

builder.mutationField('createSession', t =>
  t.field({
    type: CreateSessionPayload,
    description:
      'Creates and starts it. Idempotent: a session that exists is returned as it is. Loaded from the freshest store or old source where one has it.',
    extensions: opens('sessions:write', { outside: 'FORBIDDEN' }),
    args: {
      input: t.arg({ type: CreateSessionInput, required: true, description: 'The session to create.' }),
    },
    resolve: (_root, { input }, { sessions }) => sessions.createSession(withoutNulls(input)),
  }),
);
