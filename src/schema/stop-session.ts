import { opens } from './access.ts';
import { builder } from './builder.ts';
import { sessionPayload } from './session-payload.ts';

const StopSessionInput = builder.inputType('StopSessionInput', {
  description: 'What stopSession needs.',
  fields: t => ({ id: t.id({ required: true, description: 'The session to stop.' }) }),
});

const StopSessionPayload = sessionPayload('StopSessionPayload', 'What stopSession stopped.');

builder.mutationField('stopSession', t =>
  t.field({
    type: StopSessionPayload,
    description:
      'Disconnects it and leaves it so. It stays linked; startSession brings it back without a code.',
    extensions: opens('sessions:write'),
    args: {
      input: t.arg({ type: StopSessionInput, required: true, description: 'The session to stop.' }),
    },
    resolve: (_root, { input }, { sessions }) => sessions.stopSession(input.id),
  }),
);
