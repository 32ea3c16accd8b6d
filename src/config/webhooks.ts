import { z } from 'zod';
import type { Environment } from './environment.ts';
import { isLoopback, onOrOff, wordList } from './forms.ts';

export const WEBHOOK_EVENTS = [
  'session.paired',
  'session.connected',
  'session.disconnected',
  'session.logged_out',
  'session.qr_needed',
  'session.taken_over',
  'session.deleted',
  'store.degraded',
  'store.recovered',
  'message.received',
] as const;

export type WebhookEventName = (typeof WEBHOOK_EVENTS)[number];

/** Texts of messages leave the server only where somebody asked for it. */
const ASKED_FOR_ONLY: readonly WebhookEventName[] = ['message.received'];

export interface WebhookConfig {
  /** May hold tokens in path or query: never shown whole. */
  readonly urls: readonly string[];
  readonly secret: string;
  readonly events: readonly WebhookEventName[];
  /** For tests: endpoints on this machine, by http, too. */
  readonly allowLoopback: boolean;
}

const LEAST_SECRET = 24;
const ENCODED_SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

const secretForm = z
  .string()
  .refine(value => {
    const encoded = ENCODED_SECRET.exec(value)?.[1];
    if (value.startsWith('whsec_')) return Buffer.from(encoded ?? '', 'base64').length >= LEAST_SECRET;
    return value.length >= LEAST_SECRET;
  }, `must be whsec_ and base64 of at least ${LEAST_SECRET} bytes, or a text of at least ${LEAST_SECRET} characters`)
  .optional();

const eventList = wordList
  .pipe(z.array(z.enum(WEBHOOK_EVENTS, `must be a list of ${WEBHOOK_EVENTS.join(', ')}`)))
  .default(WEBHOOK_EVENTS.filter(name => !ASKED_FOR_ONLY.includes(name)));

/** Undefined where nobody is to be called. */
export function readWebhooks(env: Environment): WebhookConfig | undefined {
  const allowLoopback = env.read('WEBHOOK_ALLOW_LOOPBACK', onOrOff) ?? false;
  const isGood = (value: string) => isEndpoint(value, allowLoopback);
  const urlList = wordList
    .refine(urls => urls.every(isGood), 'must be https:// URLs without user and password')
    .transform(urls => [...new Set(urls)])
    .optional();
  const urls = env.read('WEBHOOK_URL', urlList);
  const secret = env.read('WEBHOOK_SECRET', secretForm);
  const events = env.read('WEBHOOK_EVENTS', eventList) ?? [];
  if (env.isSet('WEBHOOK_URL') && !env.isSet('WEBHOOK_SECRET')) {
    env.refuse('WEBHOOK_SECRET', 'is needed with WEBHOOK_URL: receivers check who calls them');
  }
  if (urls === undefined || secret === undefined) return undefined;
  return { urls, secret, events, allowLoopback };
}

function isEndpoint(value: string, allowLoopback: boolean): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hostname } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && allowLoopback && isLoopback(hostname));
}
