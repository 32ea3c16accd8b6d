import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Subscribers, each on a socket of its own. Says when all are there, and when all have an event. */
const [url = '', ...tokens] = process.argv.slice(2);
const WATCH = 'subscription { sessionStatusChanged { session { id } previous status at } }';
const PER_TOKEN = 20;
const count = tokens.length * PER_TOKEN;
const arrivals = new Map<string, number>();
let here = 0;

export interface Arrived {
  /** From the instant that the event names to its arrival at the last subscriber. */
  readonly lastMs: number;
  readonly event: string;
}

interface Change {
  readonly session: { readonly id: string };
  readonly previous: string | null;
  readonly status: string;
  readonly at: string;
}

function take({ session, previous, status, at }: Change): void {
  // How things are comes first, and became so long ago.
  if (previous === null) return;
  const event = `${session.id} ${status} ${at}`;
  const already = (arrivals.get(event) ?? 0) + 1;
  arrivals.set(event, already);
  if (already === count) process.send?.({ event, lastMs: Date.now() - Date.parse(at) } satisfies Arrived);
}

for (const token of tokens) {
  for (let number = 0; number < PER_TOKEN; number += 1) {
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: fail,
      connectionParams: { authorization: `Bearer ${token}` },
      on: {
        connected: () => {
          here += 1;
          if (here === count) process.send?.('connected');
        },
      },
    });
    client.subscribe<{ sessionStatusChanged: Change }>(
      { query: WATCH },
      { next: ({ data }) => data && take(data.sessionStatusChanged), error: fail, complete: () => {} },
    );
  }
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
