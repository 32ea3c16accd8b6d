import type { WatchTarget } from '../core/sessions/sessions.ts';
import type { Viewer } from './viewer.ts';

/** One session, or where none is named all that the viewer may see. */
export const watchTarget = (id: string | null | undefined, viewer: Viewer): WatchTarget =>
  id == null ? { isVisible: viewer.canSee } : { id };
