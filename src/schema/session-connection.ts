import type { SessionList, SessionView } from '../core/sessions/session-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';
import { createCursor, readCursor } from './cursor.ts';
import { PageInfo } from './page-info.ts';
import { DEFAULT_PAGE_SIZE, readPageSize } from './page-size.ts';
import { Session } from './session.ts';
import { SessionStatus } from './session-status.ts';
import { withoutNulls } from './without-nulls.ts';

const SessionEdge = builder.objectRef<SessionView>('SessionEdge').implement({
  description: 'A session in its place in a list.',
  fields: t => ({
    cursor: t.string({
      description: 'Names this place; opaque.',
      resolve: session => createCursor(session.id),
    }),
    node: t.field({ type: Session, description: 'The session.', resolve: session => session }),
  }),
});

interface SessionPage extends SessionList {
  readonly hasPreviousPage: boolean;
}

const SessionConnection = builder.objectRef<SessionPage>('SessionConnection').implement({
  description: 'A page of sessions, ordered by id.',
  fields: t => ({
    edges: t.field({
      type: [SessionEdge],
      description: 'The sessions of this page.',
      resolve: page => [...page.sessions],
    }),
    pageInfo: t.field({
      type: PageInfo,
      description: 'Where this page begins and ends.',
      resolve: page => {
        const cursors = page.sessions.map(session => createCursor(session.id));
        return { ...page, startCursor: cursors[0], endCursor: cursors.at(-1) };
      },
    }),
    totalCount: t.exposeInt('totalCount', {
      description: 'How many sessions the filter lets through, over all pages.',
    }),
    unreachableStores: t.stringList({
      description: 'Stores that could not be asked: sessions that only they hold are not listed.',
      resolve: page => [...page.unreachableStores],
    }),
  }),
});

const SessionFilter = builder.inputType('SessionFilter', {
  description: 'Only sessions that fit everything given here.',
  fields: t => ({
    status: t.field({ type: [SessionStatus], description: 'In one of these states.' }),
    phoneNumber: t.string({ description: 'Linked to this number: E.164, with the plus sign.' }),
    search: t.string({
      description: 'Part of the id, the phone number or the display name, without regard to case.',
    }),
  }),
});

builder.queryField('sessions', t =>
  t.field({
    type: SessionConnection,
    description: 'All sessions that the token may see, ordered by id.',
    extensions: opens('sessions:read'),
    args: {
      first: t.arg.int({ defaultValue: DEFAULT_PAGE_SIZE, description: 'How many, 1 to 100.' }),
      after: t.arg.string({ description: 'Cursor of the last session of the page before.' }),
      filter: t.arg({ type: SessionFilter, description: 'Only sessions that fit.' }),
    },
    resolve: async (_root, args, { sessions, viewer }) => {
      const list = await sessions.listSessions({ ...readPage(args), isVisible: viewer.canSee });
      return { ...list, hasPreviousPage: args.after != null };
    },
  }),
);

interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly filter?: typeof SessionFilter.$inferInput | null | undefined;
}

function readPage({ first, after, filter }: PageArguments) {
  return {
    first: readPageSize(first),
    ...(after != null && { after: readCursor(after) }),
    ...(filter != null && { filter: withoutNulls(filter) }),
  };
}
