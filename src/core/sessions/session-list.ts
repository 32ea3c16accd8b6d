import type { SessionFilter, SessionList, SessionListRequest, SessionView } from './session-views.ts';

/** A session that may be on the list. Its view is made where somebody looks at it: most are on another page. */
export interface Listed {
  readonly id: string;
  view(): SessionView;
}

/** Pure: one page of the sessions that the caller may know of, by id. */
export function listPage(
  sessions: readonly Listed[],
  { filter, isVisible, first, after }: SessionListRequest,
): Pick<SessionList, 'sessions' | 'hasNextPage' | 'totalCount'> {
  const visible = sessions.filter(({ id }) => isVisible(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const matching = filter ? visible.filter(session => matches(session.view(), filter)) : visible;
  const rest = after === undefined ? matching : matching.filter(({ id }) => id > after);
  return {
    sessions: rest.slice(0, first).map(session => session.view()),
    hasNextPage: rest.length > first,
    totalCount: matching.length,
  };
}

function matches(view: SessionView, { status, phoneNumber, search }: SessionFilter): boolean {
  if (status && !status.includes(view.status)) return false;
  if (phoneNumber !== undefined && view.phoneNumber !== phoneNumber) return false;
  if (search === undefined) return true;
  const wanted = search.toLowerCase();
  return [view.id, view.phoneNumber, view.displayName].some(text => text?.toLowerCase().includes(wanted));
}
