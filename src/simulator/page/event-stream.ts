import type { ServerResponse } from 'node:http';

/** Sends the newest state to everybody who watches: after each change, but never faster than it is read. */
export interface EventStream {
  add(response: ServerResponse): void;
  changed(): void;
}

export function createEventStream(state: () => unknown): EventStream {
  const watchers = new Set<ServerResponse>();
  let isScheduled = false;

  const push = (response: ServerResponse, message: string) => {
    // Who is behind gets the state of then when it has caught up.
    if (response.writableNeedDrain) return;
    response.write(message);
  };
  const message = () => `data: ${JSON.stringify(state())}\n\n`;

  return {
    add(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      watchers.add(response);
      response.on('close', () => watchers.delete(response));
      response.on('drain', () => push(response, message()));
      push(response, message());
    },
    /** What happens in one turn of the event loop is told at once. */
    changed() {
      if (isScheduled || watchers.size === 0) return;
      isScheduled = true;
      setImmediate(() => {
        isScheduled = false;
        const news = message();
        for (const watcher of watchers) push(watcher, news);
      });
    },
  };
}
