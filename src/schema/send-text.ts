import { opens } from './access.ts';
import { builder } from './builder.ts';
import { withoutNulls } from './without-nulls.ts';

const SendTextInput = builder.inputType('SendTextInput', {
  description: 'What sendText needs.',
  fields: t => ({
    id: t.id({ required: true, description: 'The session that sends.' }),
    to: t.string({ required: true, description: 'JID or E.164' }),
    text: t.string({ required: true, description: 'The message.' }),
    messageId: t.id({ description: 'Idempotency key: the same id is sent once.' }),
  }),
});

const SendTextPayload = builder.objectRef<{ messageId: string }>('SendTextPayload').implement({
  description: 'What sendText handed to WhatsApp.',
  fields: t => ({ messageId: t.exposeID('messageId', { description: "WhatsApp's id of the message." }) }),
});

builder.mutationField('sendText', t =>
  t.field({
    type: SendTextPayload,
    description: 'Sends a text. Resolves when the message is durable and WhatsApp has it.',
    extensions: opens('messages:send'),
    args: { input: t.arg({ type: SendTextInput, required: true, description: 'The message.' }) },
    resolve: (_root, { input }, { sessions }) => sessions.sendText(withoutNulls(input)),
  }),
);
