import type { IncomingMessage as Message } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { watchTarget } from './watch-target.ts';

const IncomingMessage = builder.objectRef<Message>('IncomingMessage').implement({
  description: 'A message that a session received, or that another device of its account sent.',
  fields: t => ({
    sessionId: t.exposeID('sessionId', { description: 'The session that received it.' }),
    id: t.exposeID('id', { description: 'Unique only within session, chat and sender.' }),
    chatId: t.exposeString('chatId', { description: 'JID of the chat: a person, a group or a broadcast.' }),
    senderId: t.exposeString('senderId', { description: 'JID of who wrote it, often a hidden id.' }),
    senderPhoneNumber: t.exposeString('senderPhoneNumber', {
      nullable: true,
      description: 'E.164 where it is known (senders are often hidden ids).',
    }),
    senderName: t.exposeString('senderName', {
      nullable: true,
      description: 'The name that the sender goes by, where one came along.',
    }),
    fromMe: t.exposeBoolean('fromMe', { description: 'Sent by the account itself, from another device.' }),
    text: t.exposeString('text', { nullable: true, description: 'Its text, where it has one.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was sent, as WhatsApp says.' }),
  }),
});

builder.subscriptionField('messageReceived', t =>
  t.field({
    type: IncomingMessage,
    description: 'Of all visible sessions where id is left out. Scope messages:read.',
    extensions: opens('messages:read'),
    args: { id: t.arg.id({ description: 'Only of this session.' }) },
    subscribe: (_root, { id }, { sessions, viewer }) => sessions.watchMessages(watchTarget(id, viewer)),
    resolve: message => message,
  }),
);
