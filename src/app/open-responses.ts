import type { ServerResponse } from 'node:http';

/**
 * The HTTP responses that are open. A stream can be open for hours, so somebody has to notice when its reader is
 * gone without a word, or takes nothing any more: until then it holds a subscription.
 */
export function createOpenResponses(stalledResponseMs: number) {
  const open = new Map<ServerResponse, AbortController>();
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
    follow(response: ServerResponse): AbortSignal {
      const controller = new AbortController();
      open.set(response, controller);
      response.once('close', () => {
        open.delete(response);
        controller.abort();
      });
      return controller.signal;
    },
    count: () => open.size,
    endAll() {
      clearInterval(timer);
      for (const controller of open.values()) controller.abort();
    },
  };
}
