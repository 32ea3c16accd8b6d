import { type AuthenticationCreds, generateMessageIDV2, jidNormalizedUser } from '@whiskeysockets/baileys';
import { phoneNumberOf } from './incoming-message.ts';

/** The WhatsApp account that a session is linked to. */
export interface LinkedAccount {
  readonly jid: string;
  readonly lid?: string;
  readonly phoneNumber?: string;
  readonly displayName?: string;
}

/** Undefined while no account is linked. `me` is there before the phone agrees; `account` is its signed agreement. */
export function readAccount({ me, account }: AuthenticationCreds): LinkedAccount | undefined {
  if (!me || !account) return undefined;
  const jid = jidNormalizedUser(me.id);
  const phoneNumber = phoneNumberOf(jid);
  const displayName = me.name ?? me.notify ?? me.verifiedName;
  return {
    jid,
    ...(me.lid && { lid: jidNormalizedUser(me.lid) }),
    ...(phoneNumber && { phoneNumber }),
    ...(displayName && { displayName }),
  };
}

export function newMessageId(account: LinkedAccount): string {
  return generateMessageIDV2(account.jid);
}
