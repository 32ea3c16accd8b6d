import type { SessionView } from '../core/sessions/session-views.ts';
import { builder } from './builder.ts';
import { Session } from './session.ts';

/** The payload of a mutation whose result is the session as it is now. A type of its own each, so each can grow. */
export function sessionPayload(name: string, description: string) {
  return builder.objectRef<SessionView>(name).implement({
    description,
    fields: t => ({
      session: t.field({ type: Session, description: 'The session as it is now.', resolve: view => view }),
    }),
  });
}
