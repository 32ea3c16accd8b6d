import type { WASocket } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { findRetryText } from '../../../src/core/baileys/retry-text.ts';

const PHONE = '15550002@s.whatsapp.net';
const HIDDEN = '777@lid';
const lidMapping = {
  getPNForLID: async (lid: string) => (lid === HIDDEN ? PHONE : null),
  getLIDForPN: async (jid: string) => (jid === PHONE ? HIDDEN : null),
};
const sock = { signalRepository: { lidMapping } } as unknown as WASocket;
const sentTo = (jid: string) => async (id: string) =>
  id === 'order-1001' ? { jid, text: 'yours' } : undefined;
const ask = (jid: string, remoteJid: string, id = 'order-1001') =>
  findRetryText(sock, sentTo(jid), { id, remoteJid });

it('gives a text again to the chat it was sent to, by either of its addresses', async () => {
  const text = { extendedTextMessage: { text: 'yours' } };
  expect(await ask(PHONE, '15550002:5@s.whatsapp.net')).toEqual(text);
  expect(await ask(PHONE, HIDDEN)).toEqual(text);
  expect(await ask(HIDDEN, PHONE)).toEqual(text);
  expect(await ask('12-34@g.us', '12-34@g.us')).toEqual(text);
});

it('gives it to nobody else, however well an id is guessed', async () => {
  expect(await ask(PHONE, '15550003@s.whatsapp.net')).toBeUndefined();
  expect(await ask(PHONE, '888@lid')).toBeUndefined();
  expect(await ask(PHONE, '12-34@g.us')).toBeUndefined();
  expect(await ask(PHONE, PHONE, 'order-1002')).toBeUndefined();
});
