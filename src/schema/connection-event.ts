import type { HistoryEventView, HistoryView } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { createCursor, openCursor } from './cursor.ts';
import { PageInfo } from './page-info.ts';
import { DEFAULT_PAGE_SIZE, readPageSize } from './page-size.ts';
import { Session } from './session.ts';
import { SessionStatus } from './session-status.ts';
import { StatusReason } from './status-reason.ts';

const ConnectionEvent = builder.objectRef<HistoryEventView>('ConnectionEvent').implement({
  description: 'One thing that happened to a session: a connection, a disconnection, and why.',
  fields: t => ({
    id: t.exposeID('id', { description: 'Unique in the history.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    status: t.expose('status', { type: SessionStatus, description: 'The status from then on.' }),
    reason: t.expose('reason', { type: StatusReason, nullable: true, description: 'What caused it.' }),
    server: t.exposeString('server', { description: 'Instance id of the server that saw it.' }),
  }),
});

const ConnectionEventEdge = builder.objectRef<HistoryEventView>('ConnectionEventEdge').implement({
  description: 'An event in its place in the history.',
  fields: t => ({
    cursor: t.string({ description: 'Names this place; opaque.', resolve: ({ id }) => createCursor(id) }),
    node: t.field({ type: ConnectionEvent, description: 'The event.', resolve: event => event }),
  }),
});

interface HistoryPage extends HistoryView {
  readonly hasPreviousPage: boolean;
}

const ConnectionEventConnection = builder.objectRef<HistoryPage>('ConnectionEventConnection').implement({
  description: 'A page of the history, newest first.',
  fields: t => ({
    edges: t.field({
      type: [ConnectionEventEdge],
      description: 'The events of this page.',
      resolve: ({ events }) => [...events],
    }),
    pageInfo: t.field({
      type: PageInfo,
      description: 'Where this page begins and ends.',
      resolve: page => {
        const cursors = page.events.map(({ id }) => createCursor(id));
        return { ...page, startCursor: cursors[0], endCursor: cursors.at(-1) };
      },
    }),
  }),
});

builder.objectField(Session, 'history', t =>
  t.field({
    type: ConnectionEventConnection,
    description: 'Connections, disconnections and their causes, newest first.',
    extensions: opens('sessions:read'),
    args: {
      first: t.arg.int({ defaultValue: DEFAULT_PAGE_SIZE, description: 'How many, 1 to 100.' }),
      after: t.arg.string({ description: 'Cursor of the last event of the page before.' }),
    },
    resolve: async ({ id }, { first, after }, { sessions }) => {
      const history = await sessions.readHistory(id, readPage(first, after));
      return { ...history, hasPreviousPage: after != null };
    },
  }),
);

function readPage(first: number | null | undefined, after: string | null | undefined) {
  return { first: readPageSize(first), ...(after != null && { after: openCursor(after) }) };
}
