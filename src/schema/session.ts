import type { SessionView } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { DesiredState } from './desired-state.ts';
import { QrCode } from './qr-code.ts';
import { SessionCopy } from './session-copy.ts';
import { SessionStatus } from './session-status.ts';
import { StatusReason } from './status-reason.ts';

export const Session = builder.objectRef<SessionView>('Session').implement({
  description: 'One linked companion device of one WhatsApp account, kept alive by this service.',
  fields: t => ({
    id: t.exposeID('id', { description: 'The name it was created under.' }),
    status: t.expose('status', { type: SessionStatus, description: 'Where it stands.' }),
    statusReason: t.expose('statusReason', {
      type: StatusReason,
      nullable: true,
      description: 'Why it stands there; null where the status says it all.',
    }),
    desiredState: t.expose('desiredState', {
      type: DesiredState,
      description: 'Whether it is meant to run.',
    }),
    linked: t.exposeBoolean('linked', {
      description: 'True once an account is linked (not merely while a code is shown).',
    }),
    phoneNumber: t.exposeString('phoneNumber', {
      nullable: true,
      description: 'E.164, with the plus sign.',
    }),
    jid: t.exposeString('jid', { nullable: true, description: 'Without the device part.' }),
    lid: t.exposeString('lid', {
      nullable: true,
      description: "The account's hidden id, which stands for the number in many chats.",
    }),
    displayName: t.exposeString('displayName', {
      nullable: true,
      description: "The account's name as its contacts see it.",
    }),
    degraded: t.expose('degraded', {
      type: StatusReason,
      nullable: true,
      description:
        'What keeps a linked session from working, e.g. frames that cannot be decrypted or a store that lags.',
    }),
    lastFrameAt: t.expose('lastFrameAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the server that runs it last heard anything from WhatsApp.',
    }),
    lastDecryptedAt: t.expose('lastDecryptedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last read a message.',
    }),
    decryptFailures: t.exposeInt('decryptFailures', {
      description: 'Messages that it could not decrypt since its server started.',
    }),
    pendingWrites: t.exposeInt('pendingWrites', {
      description: 'Changes that are not saved yet as safely as WRITE_ACK asks.',
    }),
    oldestPendingWriteMs: t.exposeFloat('oldestPendingWriteMs', {
      description: 'How long the oldest of them has waited.',
    }),
    qr: t.expose('qr', {
      type: QrCode,
      nullable: true,
      description:
        'The QR code that is valid right now. Needs scope sessions:pair; null and FORBIDDEN without.',
      extensions: opens('sessions:pair'),
    }),
    heldBy: t.exposeString('heldBy', {
      nullable: true,
      description: 'Instance id of the server that runs it now.',
    }),
    epoch: t.expose('epoch', {
      type: 'BigInt',
      description: 'Fencing token of the server that last wrote it.',
    }),
    revision: t.expose('revision', {
      type: 'BigInt',
      description: 'Number of the newest change; grows by one with each, never falls.',
    }),
    copies: t.field({
      type: [SessionCopy],
      description: 'One entry per configured store, in chain order.',
      resolve: async ({ id }, _args, { sessions }) => [...(await sessions.readCopies(id))],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    lastConnectedAt: t.expose('lastConnectedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last ready to send and receive.',
    }),
  }),
});

builder.queryField('session', t =>
  t.field({
    type: Session,
    nullable: true,
    description: 'One session; null where there is none of this id.',
    extensions: opens('sessions:read'),
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { sessions }) => sessions.readSession(id),
  }),
);
