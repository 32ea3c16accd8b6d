import { makeWASocket, useMultiFileAuthState, type WASocket } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { silenceConsole } from '../../src/core/baileys/libsignal-console.ts';
import type { Contact } from '../../src/simulator/contact.ts';
import type { Phone } from '../../src/simulator/phone.ts';
import { until } from '../support/condition.ts';

/** The bot of Baileys' own example: its state is in a folder that `useMultiFileAuthState` writes. */
export interface OldBot {
  readonly texts: readonly string[];
  readonly qrCodes: readonly string[];
  connect(): Promise<void>;
  opened(): Promise<void>;
  send(to: Contact, text: string): Promise<void>;
  stop(): Promise<void>;
}

export function createOldBot(url: string, folder: string): OldBot {
  silenceConsole();
  const texts: string[] = [];
  const qrCodes: string[] = [];
  const saves: Promise<void>[] = [];
  let socket: WASocket | undefined;
  let isOpen = false;

  async function connect(): Promise<void> {
    const { state, saveCreds } = await useMultiFileAuthState(folder);
    const mine = makeWASocket({ auth: state, waWebSocketUrl: url, logger: pino({ level: 'silent' }) });
    socket = mine;
    mine.ev.on('creds.update', () => void saves.push(saveCreds()));
    mine.ev.on('connection.update', update => {
      if (update.qr) qrCodes.push(update.qr);
      if (update.connection === 'open') isOpen = true;
      if (update.connection === 'close' && socket === mine) void Promise.all(saves).then(connect);
    });
    mine.ev.on('messages.upsert', ({ messages }) => {
      for (const { key, message } of messages) {
        if (!key.fromMe && message?.conversation) texts.push(message.conversation);
      }
    });
  }

  return {
    texts,
    qrCodes,
    connect,
    opened: async () => void (await until('the old bot is connected', () => isOpen)),
    async send(to, text) {
      await socket?.sendMessage(to.jid, { text });
      await to.waitForText(text);
    },
    async stop() {
      const last = socket;
      socket = undefined;
      await last?.end(undefined);
      await Promise.all(saves);
    },
  };
}

/** A folder that was in use: linked, with signal sessions in both directions. */
export async function pairOldBot(bot: OldBot, phone: Phone, contact: Contact): Promise<void> {
  await bot.connect();
  const device = await phone.scan(await until('the old bot shows a code', () => bot.qrCodes[0]));
  await bot.opened();
  await device.online();
  await bot.send(contact, 'from the old bot');
  await contact.sendText(phone, 'to the old bot');
  await until('the old bot has it', () => bot.texts.includes('to the old bot'));
}
