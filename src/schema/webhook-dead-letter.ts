import type { DeadLetter } from '../core/dead-letters.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { DEFAULT_PAGE_SIZE, readPageSize } from './page-size.ts';

const WebhookDeadLetter = builder.objectRef<DeadLetter>('WebhookDeadLetter').implement({
  description: 'An event that an endpoint did not take for a day. This server tries it no more by itself.',
  fields: t => ({
    id: t.exposeID('id', { description: 'For reviveWebhookDeadLetters.' }),
    eventId: t.exposeID('eventId', { description: 'What the receiver would know it by: webhook-id.' }),
    type: t.exposeString('type', { description: 'As in WEBHOOK_EVENTS.' }),
    sessionId: t.exposeID('sessionId', { nullable: true, description: 'Absent where it is about a store.' }),
    endpoint: t.exposeString('endpoint', { description: 'Origin of the URL that was called.' }),
    acceptedAt: t.expose('acceptedAt', { type: 'DateTime', description: 'When it happened.' }),
    diedAt: t.expose('diedAt', { type: 'DateTime', description: 'When it was given up.' }),
    reason: t.exposeString('why', { description: 'What the last attempt came to.' }),
  }),
});

builder.queryField('webhookDeadLetters', t =>
  t.field({
    type: [WebhookDeadLetter],
    description: 'What this server could not deliver, oldest first. Scope admin.',
    extensions: opens('admin'),
    args: { first: t.arg.int({ defaultValue: DEFAULT_PAGE_SIZE, description: 'How many, 1 to 100.' }) },
    resolve: (_root, { first }, { deadLetters, viewer }) => [
      ...deadLetters.read({ isVisible: id => viewer.canSee(id), first: readPageSize(first) }),
    ],
  }),
);
