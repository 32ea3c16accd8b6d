import { SessionError } from '../core/errors.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const LARGEST_PAGE_SIZE = 100;

/** BAD_USER_INPUT for a page that is none, or longer than any may be. */
export function readPageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE_SIZE;
  if (size >= 1 && size <= LARGEST_PAGE_SIZE) return size;
  throw new SessionError('BAD_USER_INPUT', `\`first\` must be 1 to ${LARGEST_PAGE_SIZE}.`);
}
