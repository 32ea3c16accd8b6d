import type { Follower } from './follower.ts';
import { type LineOptions, type LineRequest, openSessionLine, type SessionLine } from './session-line.ts';

/** The lines of the sessions that are open: one each, and the last one counts. */
export interface OpenLines {
  get(sessionId: string): OpenLine | undefined;
  open(request: LineRequest): Promise<SessionLine>;
  abandon(sessionId: string): void;
  abandonAll(): void;
  /** Of sessions that were not deleted. */
  followers(): readonly Follower[];
}

export interface OpenLine {
  readonly epoch: number;
  readonly opening: Promise<SessionLine>;
  line?: SessionLine;
  /** It is open to tell every store. */
  isDeleted?: boolean;
}

export function createOpenLines(options: LineOptions): OpenLines {
  const lines = new Map<string, OpenLine>();

  function abandon(sessionId: string): void {
    lines.get(sessionId)?.line?.stop();
    lines.delete(sessionId);
  }

  return {
    abandon,
    get: sessionId => lines.get(sessionId),

    open(request) {
      const { sessionId, epoch } = request;
      abandon(sessionId);
      const opened: OpenLine = { epoch, opening: openSessionLine(options, request) };
      lines.set(sessionId, opened);
      opened.opening.then(
        line => {
          opened.line = line;
          if (lines.get(sessionId) !== opened) line.stop();
        },
        () => lines.get(sessionId) === opened && lines.delete(sessionId),
      );
      return opened.opening;
    },

    abandonAll() {
      for (const sessionId of [...lines.keys()]) abandon(sessionId);
    },

    followers: () =>
      [...lines.values()].flatMap(({ line, isDeleted }) => (isDeleted ? [] : (line?.followers ?? []))),
  };
}
