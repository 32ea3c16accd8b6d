import type { PairingCodeResult } from '../core/sessions/sessions.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { Session } from './session.ts';

const RequestPairingCodeInput = builder.inputType('RequestPairingCodeInput', {
  description: 'What requestPairingCode needs.',
  fields: t => ({
    id: t.id({ required: true, description: 'The session to link; it is started where it rests.' }),
    phoneNumber: t.string({ required: true, description: 'E.164' }),
  }),
});

const PairingCode = builder.objectRef<PairingCodeResult>('PairingCode').implement({
  description: 'A code to type on the phone, under Linked devices.',
  fields: t => ({
    code: t.exposeString('code', { description: 'Eight characters. Whoever types them links the phone.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When WhatsApp stops taking it.' }),
  }),
});

const RequestPairingCodePayload = builder
  .objectRef<PairingCodeResult>('RequestPairingCodePayload')
  .implement({
    description: 'What requestPairingCode brought.',
    fields: t => ({
      pairingCode: t.field({ type: PairingCode, description: 'The code.', resolve: result => result }),
      session: t.expose('session', { type: Session, description: 'The session as it is now.' }),
    }),
  });

builder.mutationField('requestPairingCode', t =>
  t.field({
    type: RequestPairingCodePayload,
    description: 'Asks WhatsApp for a code that links the session without a QR code.',
    extensions: opens('sessions:pair'),
    args: {
      input: t.arg({
        type: RequestPairingCodeInput,
        required: true,
        description: 'Which session, whose phone.',
      }),
    },
    resolve: (_root, { input }, { sessions }) => sessions.requestPairingCode(input),
  }),
);
