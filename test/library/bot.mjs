// A person's own bot, as docs/library.md shows it: it answers every text, and prints what a test wants to know.
import { DisconnectReason, makeWASocket } from '@whiskeysockets/baileys';
import { openAuthState } from 'sessiongraph/auth-state';

const { FIRST, SECOND, SECRET, URL: waWebSocketUrl } = process.env;
const quiet = () => {};
const logger = {
  level: 'silent',
  child: () => logger,
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
};
const tell = (word, text = '') => process.stdout.write(`@${word} ${text}\n`);

async function connect() {
  const { saveCreds, socketOptions } = await openAuthState({
    stores: [FIRST, SECOND],
    secret: SECRET,
    onFailure: error => sock.end(error),
  });
  const sock = makeWASocket({ ...socketOptions, waWebSocketUrl, logger });
  sock.ev.on('creds.update', saveCreds);
  sock.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
    if (qr) tell('qr', qr);
    if (connection === 'open') tell('open');
    if (connection === 'close') {
      const code = lastDisconnect?.error?.output?.statusCode;
      if (code !== DisconnectReason.loggedOut) connect();
    }
  });
  sock.ev.on('messages.upsert', async ({ messages }) => {
    for (const { key, message } of messages) {
      if (key.fromMe || !message?.conversation) continue;
      tell('text', message.conversation);
      await sock.sendMessage(key.remoteJid, { text: `you said: ${message.conversation}` });
    }
  });
}

await connect();
