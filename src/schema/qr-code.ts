import { toDataURL } from 'qrcode';
import type { QrCode as Code } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';

export const QrCode = builder.objectRef<Code>('QrCode').implement({
  description: 'A code that links a phone. A credential: whoever sees it can take the session.',
  fields: t => ({
    data: t.exposeString('data', { description: 'The text to encode.' }),
    image: t.string({
      description: 'data: URL of a rendered image, to put into an <img>.',
      resolve: code => toDataURL(code.data),
    }),
    ordinal: t.exposeInt('ordinal', { description: '1 for the first code of this pairing attempt.' }),
    issuedAt: t.expose('issuedAt', { type: 'DateTime', description: 'When WhatsApp gave it out.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'From when on no phone accepts it.' }),
  }),
});

builder.subscriptionField('sessionQrIssued', t =>
  t.field({
    type: QrCode,
    description:
      'The code that is valid now first, then each new one; completes when the phone is linked, stays open when pairing expires. Scope sessions:pair.',
    extensions: opens('sessions:pair'),
    args: { id: t.arg.id({ required: true, description: 'The session to pair.' }) },
    subscribe: (_root, { id }, { sessions }) => sessions.watchQr(id),
    resolve: code => code,
  }),
);
