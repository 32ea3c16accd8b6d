import type { SessionFilter, SessionList, SessionListRequest, SessionView } from './session-views.ts';

/** Pure: one page of the sessions that the caller may know of, by id. */
export function listPage(
  views: readonly SessionView[],
  { filter, isVisible, first, after }: SessionListRequest,
): Pick<SessionList, 'sessions' | 'hasNextPage' | 'totalCount'> {
  const matching = views
    .filter(view => isVisible(view.id) && matches(view, filter ?? {}))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const rest = after === undefined ? matching : matching.filter(({ id }) => id > after);
  return { sessions: rest.slice(0, first), hasNextPage: rest.length > first, totalCount: matching.length };
}

function matches(view: SessionView, { status, phoneNumber, search }: SessionFilter): boolean {
  if (status && !status.includes(view.status)) return false;
  if (phoneNumber !== undefined && view.phoneNumber !== phoneNumber) return false;
  if (search === undefined) return true;
  const wanted = search.toLowerCase();
  return [view.id, view.phoneNumber, view.displayName].some(text => text?.toLowerCase().includes(wanted));
}
