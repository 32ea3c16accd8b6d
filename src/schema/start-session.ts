import { opens } from './access.ts';
import { builder } from './builder.ts';
import { sessionPayload } from './session-payload.ts';

const StartSessionInput = builder.inputType('StartSessionInput', {
  description: 'What startSession needs.',
  fields: t => ({
    id: t.id({ required: true, description: 'The session to start.' }),
    takeOver: t.boolean({
      defaultValue: false,
      description: 'Take the session over from the server that holds it.',
    }),
  }),
});

const StartSessionPayload = sessionPayload('StartSessionPayload', 'What startSession started.');

builder.mutationField('startSession', t =>
  t.field({
    type: StartSessionPayload,
    description:
      'Keeps it connected from now on, also after a restart of the server. Shows a new code where none is linked.',
    extensions: opens('sessions:write'),
    args: {
      input: t.arg({ type: StartSessionInput, required: true, description: 'The session to start.' }),
    },
    resolve: (_root, { input }, { sessions }) =>
      sessions.startSession({ id: input.id, takeOver: input.takeOver ?? false }),
  }),
);
