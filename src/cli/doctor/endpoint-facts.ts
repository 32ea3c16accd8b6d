import type { EndpointFacts } from './facts.ts';

/** Where Baileys connects to; any answer carries the date. */
const WHATSAPP = 'https://web.whatsapp.com/';
const ANSWER_MS = 5_000;

/** Asks the endpoint by HTTP what time it is. `aheadMs` is right to a second, as its clock is told in seconds. */
export async function readEndpoint(webSocketUrl: string | undefined): Promise<EndpointFacts> {
  const url = new URL(webSocketUrl?.replace(/^ws/, 'http') ?? WHATSAPP);
  try {
    const began = Date.now();
    const { headers } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS) });
    const there = Date.parse(headers.get('date') ?? '');
    const here = (began + Date.now()) / 2;
    return { host: url.host, error: undefined, aheadMs: Number.isNaN(there) ? undefined : here - there };
  } catch (error) {
    const { message, cause } = error as Error;
    const { code } = (cause ?? {}) as { code?: unknown };
    return { host: url.host, error: typeof code === 'string' ? code : message, aheadMs: undefined };
  }
}
