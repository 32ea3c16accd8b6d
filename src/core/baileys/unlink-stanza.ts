import type { AuthState } from './auth-state.ts';

/** What Baileys' own `logout` sends; it does not wait for the answer. */
export function unlinkStanza({ state }: AuthState) {
  const device = {
    tag: 'remove-companion-device',
    attrs: { jid: state.creds.me?.id ?? '', reason: 'user_initiated' },
  };
  return { tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'md' }, content: [device] };
}
