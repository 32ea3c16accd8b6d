import { opens } from './access.ts';
import { builder } from './builder.ts';

const Input = builder.inputType('ReviveWebhookDeadLettersInput', {
  description: 'What reviveWebhookDeadLetters needs.',
  fields: t => ({
    ids: t.idList({ description: 'Which ones; all of them where left out.' }),
  }),
});

const Payload = builder
  .objectRef<{ readonly ids: readonly string[] }>('ReviveWebhookDeadLettersPayload')
  .implement({
    description: 'What reviveWebhookDeadLetters sent on its way.',
    fields: t => ({
      ids: t.field({
        type: ['ID'],
        description: 'Those that are tried again.',
        resolve: ({ ids }) => [...ids],
      }),
    }),
  });

builder.mutationField('reviveWebhookDeadLetters', t =>
  t.field({
    type: Payload,
    description: 'Tries dead letters again, for another day, as if they were new. Scope admin.',
    extensions: opens('admin'),
    args: { input: t.arg({ type: Input, required: true, description: 'Which ones.' }) },
    resolve: (_root, { input: { ids } }, { deadLetters, viewer }) => ({
      ids: deadLetters.revive({ isVisible: id => viewer.canSee(id), ...(ids && { ids }) }),
    }),
  }),
);
