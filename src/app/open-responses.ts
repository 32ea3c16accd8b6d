import type { ServerResponse } from 'node:http';

/**
 * The HTTP responses that are open. A stream can be open for hours, so somebody has to notice when its reader is
 * gone without a word, or takes nothing any more: until then it holds a subscription.
 */
export function createOpenResponses(stalledResponseMs: number) {
  const open = new Map<ServerResponse, FollowedResponse>();
  const stalled = new WeakMap<ServerResponse, number>();

  const endStalled = () => {
    for (const response of open.keys()) {
      const waitingBytes = response.writableNeedDrain ? response.writableLength : 0;
      if (waitingBytes > 0 && stalled.get(response) === waitingBytes) response.destroy();
      stalled.set(response, waitingBytes);
    }
  };
  const timer = setInterval(endStalled, stalledResponseMs).unref();

  return {
    /** The signal aborts when the response is closed, for whatever reason, or when all are told to end. */
    follow(response: ServerResponse): () => AbortSignal {
      const followed = createFollowedResponse();
      open.set(response, followed);
      response.once('close', () => {
        open.delete(response);
        followed.end();
      });
      return followed.signal;
    },
    count: () => open.size,
    endAll() {
      clearInterval(timer);
      for (const { end } of open.values()) end();
    },
  };
}

interface FollowedResponse {
  signal(): AbortSignal;
  end(): void;
}

/** A signal costs as much as a small query, and only subscriptions ask for it. */
function createFollowedResponse(): FollowedResponse {
  let controller: AbortController | undefined;
  let hasEnded = false;
  return {
    signal() {
      controller ??= new AbortController();
      if (hasEnded) controller.abort();
      return controller.signal;
    },
    end() {
      hasEnded = true;
      controller?.abort();
    },
  };
}
