import type { Interceptor } from './faults.ts';

/** A server that hears nothing and says nothing, on connections that stay open. */
export const silence: Interceptor = () => 'drop';

/** Every answer to a question of a client takes this long. */
export const lateAnswers =
  (delayMs: number): Interceptor =>
  ({ direction, node }) =>
    direction === 'to-client' && node.tag === 'iq' ? { delayMs } : undefined;

/** Questions of one namespace (`encrypt`, `usync`, …) are never answered. */
export const unanswered =
  (xmlns: string): Interceptor =>
  ({ direction, node }) =>
    direction === 'from-client' && node.tag === 'iq' && node.attrs.xmlns === xmlns ? 'drop' : undefined;
