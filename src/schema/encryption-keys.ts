import type { CopiesUnderKey, KeyReport, KeyUsage, UnreadableCopy } from '../core/sealing/key-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';

const CopiesUnderEncryptionKey = builder.objectRef<CopiesUnderKey>('CopiesUnderEncryptionKey').implement({
  description: 'What one store holds under a secret.',
  fields: t => ({
    store: t.exposeString('store', { description: 'Its name.' }),
    count: t.exposeInt('count', { description: 'How many sessions, those out of sight included.' }),
    sessionIds: t.field({
      type: ['ID'],
      description: 'Those that the token may see.',
      resolve: ({ sessionIds }) => [...sessionIds],
    }),
  }),
});

const EncryptionKey = builder.objectRef<KeyUsage>('EncryptionKey').implement({
  description: 'A secret that the data keys of sessions are, or would be, wrapped under.',
  fields: t => ({
    fingerprint: t.exposeString('fingerprint', { description: 'Names the secret, and tells nothing of it.' }),
    configured: t.exposeBoolean('isConfigured', { description: 'Whether this server has it.' }),
    newest: t.exposeBoolean('isNewest', { description: 'Whether new sessions are wrapped under it.' }),
    copies: t.field({
      type: [CopiesUnderEncryptionKey],
      description: 'What is under it, by store, in chain order.',
      resolve: ({ copies }) => [...copies],
    }),
  }),
});

const UnreadableKey = builder.objectRef<UnreadableCopy>('UnreadableKey').implement({
  description: 'A copy, or a whole store, of which the secret could not be told.',
  fields: t => ({
    store: t.exposeString('store', { description: 'Name of the store.' }),
    sessionId: t.exposeID('sessionId', {
      nullable: true,
      description: 'Absent where it is the whole store.',
    }),
    message: t.exposeString('message', { description: 'Why, free of secrets.' }),
  }),
});

const EncryptionKeys = builder.objectRef<KeyReport>('EncryptionKeys').implement({
  description: 'The secrets, and what could not be looked at.',
  fields: t => ({
    keys: t.field({
      type: [EncryptionKey],
      description: 'The configured ones, newest first, then others that copies are under.',
      resolve: ({ keys }) => [...keys],
    }),
    unreadable: t.field({
      type: [UnreadableKey],
      description: 'May be under any secret: none may be given up while there is something here.',
      resolve: ({ unreadable }) => [...unreadable],
    }),
  }),
});

builder.queryField('encryptionKeys', t =>
  t.field({
    type: EncryptionKeys,
    description: 'Which secrets the copies in all stores are under. Looks at every copy. Scope admin.',
    extensions: opens('admin'),
    resolve: (_root, _args, { sessions, viewer }) => sessions.readKeys(id => viewer.canSee(id)),
  }),
);
