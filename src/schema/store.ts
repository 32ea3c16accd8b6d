import type { StoreView } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';

const Store = builder.objectRef<StoreView>('Store').implement({
  description: 'One backend of the chain.',
  fields: t => ({
    name: t.exposeString('name', { description: 'Its word in STORES.' }),
    order: t.exposeInt('order', { description: 'Place in the chain, from 0.' }),
    healthy: t.exposeBoolean('healthy', { description: 'Whether it answered when last asked.' }),
    error: t.exposeString('error', { nullable: true, description: 'Last error, free of secrets.' }),
    latencyMs: t.exposeFloat('latencyMs', { nullable: true, description: 'How long its last answer took.' }),
    pendingChanges: t.exposeInt('pendingChanges', {
      description: 'Changes of all sessions that it has not confirmed yet.',
    }),
    oldestPendingMs: t.exposeFloat('oldestPendingMs', { description: 'How long the oldest of them waits.' }),
  }),
});

builder.queryField('stores', t =>
  t.field({
    type: [Store],
    description: 'The configured stores, in chain order.',
    extensions: opens('sessions:read'),
    resolve: async (_root, _args, { sessions }) => [...(await sessions.readStores())],
  }),
);
