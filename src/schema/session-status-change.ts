import type { StatusChange } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { Session } from './session.ts';
import { SessionStatus } from './session-status.ts';
import { StatusReason } from './status-reason.ts';
import { watchTarget } from './watch-target.ts';

const SessionStatusChange = builder.objectRef<StatusChange>('SessionStatusChange').implement({
  description: 'A session went from one status to another.',
  fields: t => ({
    session: t.expose('session', { type: Session, description: 'The session right after the change.' }),
    previous: t.expose('previous', {
      type: SessionStatus,
      nullable: true,
      description: 'The status before; null for the present one, which comes first.',
    }),
    status: t.expose('status', { type: SessionStatus, description: 'The status since.' }),
    reason: t.expose('reason', { type: StatusReason, nullable: true, description: 'What caused it.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
  }),
});

builder.subscriptionField('sessionStatusChanged', t =>
  t.field({
    type: SessionStatusChange,
    description: 'The present status first, then each change; of all visible sessions where id is left out.',
    extensions: opens('sessions:read'),
    args: { id: t.arg.id({ description: 'Only of this session.' }) },
    subscribe: (_root, { id }, { sessions, viewer }) => sessions.watchStatus(watchTarget(id, viewer)),
    resolve: change => change,
  }),
);
