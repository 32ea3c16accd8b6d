import type { StatusReason as Reason } from '../core/sessions/session-views.ts';
import { builder } from './builder.ts';

export const StatusReason = builder.objectRef<Reason>('StatusReason').implement({
  description: 'Why a session is where it is.',
  fields: t => ({
    code: t.exposeString('code', {
      description:
        'Stable machine-readable code, e.g. CONNECTION_REPLACED, DEVICE_REMOVED, STORE_UNAVAILABLE.',
    }),
    message: t.exposeString('message', {
      description: 'One sentence for a person: what happened and what to do.',
    }),
    rawCode: t.exposeInt('rawCode', {
      nullable: true,
      description: 'The number that WhatsApp or the transport gave, where there was one.',
    }),
    retryAt: t.expose('retryAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next attempt begins; null during one, and where none is planned.',
    }),
  }),
});
