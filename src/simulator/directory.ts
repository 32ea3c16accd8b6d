import { jidDecode } from '@whiskeysockets/baileys';
import { createAppState } from './app-state.ts';
import type { Account, Device, GroupChat } from './device.ts';

/** Who exists: accounts by number and by LID, groups by JID. */
export interface Directory {
  addAccount(number: string, name: string): Account;
  addGroup(subject: string, members: readonly Account[]): GroupChat;
  accountOf(jid: string): Account | undefined;
  deviceOf(jid: string): Device | undefined;
  groupOf(jid: string): GroupChat | undefined;
  groupsOf(account: Account): GroupChat[];
}

export function createDirectory(): Directory {
  const byUser = new Map<string, Account>();
  const groups = new Map<string, GroupChat>();

  const accountOf = (jid: string) => byUser.get(jidDecode(jid)?.user ?? '');

  return {
    addAccount(number, name) {
      if (!/^\d{5,14}$/.test(number)) throw new Error(`a phone number is 5 to 14 digits, not "${number}"`);
      if (byUser.has(number)) throw new Error('this number is taken already');
      const lidUser = lidUserOf(number);
      const jid = `${number}@s.whatsapp.net`;
      const account: Account = {
        number,
        name,
        jid,
        lid: `${lidUser}@lid`,
        devices: new Map(),
        appState: createAppState(),
      };
      byUser.set(number, account);
      byUser.set(lidUser, account);
      return account;
    },
    addGroup(subject, members) {
      const jid = `12036300000000${String(groups.size + 1).padStart(4, '0')}@g.us`;
      const group = { jid, subject, members, createdAt: Date.now() };
      groups.set(jid, group);
      return group;
    },
    accountOf,
    deviceOf: jid => accountOf(jid)?.devices.get(jidDecode(jid)?.device ?? 0),
    groupOf: jid => groups.get(jid),
    groupsOf: account => [...groups.values()].filter(group => group.members.includes(account)),
  };
}

/** Any fixed and unique number of 15 digits would do; one that shows the phone number is easier to read in a log. */
const lidUserOf = (number: string) => `1${number.padStart(14, '0')}`;
