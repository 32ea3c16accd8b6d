import { opens } from './access.ts';
import { builder } from './builder.ts';
import { sessionPayload } from './session-payload.ts';

const LogoutSessionInput = builder.inputType('LogoutSessionInput', {
  description: 'What logoutSession needs.',
  fields: t => ({ id: t.id({ required: true, description: 'The session to unlink.' }) }),
});

const LogoutSessionPayload = sessionPayload('LogoutSessionPayload', 'What logoutSession unlinked.');

builder.mutationField('logoutSession', t =>
  t.field({
    type: LogoutSessionPayload,
    description: 'Unlinks the device from the phone.',
    extensions: opens('sessions:write'),
    args: {
      input: t.arg({ type: LogoutSessionInput, required: true, description: 'The session to unlink.' }),
    },
    resolve: (_root, { input }, { sessions }) => sessions.logoutSession(input.id),
  }),
);
