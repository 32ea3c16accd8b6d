import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createPageServer } from './page/page-server.ts';
import { createPlayground } from './playground.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const HELP = `Lines you can type:
  <QR text>    the phone scans it (the text behind the QR picture, not the picture)
  <code>       the phone types a pairing code
  send <text>  the contact sends a text to the phone's account
  group <text> the contact sends a text to the group
  devices      the linked devices
  kick         the phone unlinks every device
  help         this
  quit         end`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Prints every entry of a list that only grows, those of now and those to come. */
function follow<T>(simulator: Simulator, entries: readonly T[], describe: (entry: T) => string): void {
  let shown = 0;
  simulator.onChange(() => {
    for (const entry of entries.slice(shown)) print(describe(entry));
    shown = entries.length;
  });
}

async function main(): Promise<void> {
  const simulator = await startSimulator({ port: Number(process.argv[2] ?? 0) });
  const playground = createPlayground(simulator);
  const { contact } = playground;
  simulator.answerHttp(createPageServer(simulator, playground));

  async function end(): Promise<void> {
    await simulator.close();
    // A pipe that the other side keeps open would keep the process alive.
    process.stdin.destroy();
  }

  const commands: Readonly<Record<string, (rest: string) => unknown>> = {
    help: () => print(HELP),
    quit: end,
    send: playground.sendText,
    group: playground.sendGroupText,
    kick: () => playground.kick(),
    devices() {
      for (const { jid, status, queued } of playground.state().devices) {
        print(`${jid}: ${status}, ${queued} queued`);
      }
    },
  };

  async function obey(line: string): Promise<void> {
    const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/.exec(line.trim()) ?? [];
    const command = commands[word];
    if (command) await command(rest);
    else if (word) print(`linked ${(await playground.pair(line)).jid}`);
  }

  follow(simulator, contact.received, ({ device, text }) => `${contact.number}:${device} got "${text}"`);
  follow(simulator, simulator.connections, ({ kind, deviceJid = 'a client' }) => `${deviceJid}: ${kind}`);
  follow(simulator, simulator.anomalies, ({ kind, deviceJid, detail }) => `! ${kind} ${deviceJid} ${detail}`);

  const { host } = new URL(simulator.url);
  print(`WhatsApp, simulated: ${simulator.url}`);
  print(`To see and do things: http://${host}/`);
  print(`Phone ${playground.phone.number}, contact ${contact.number}, group ${playground.group.jid}`);
  print(HELP);
  if (!isTypedTo()) return;
  const lines = createInterface({ input: process.stdin });
  lines.on('line', line => obey(line).catch((error: Error) => print(error.message)));
  lines.on('close', end);
}

/** Started in the background it reads /dev/null, whose end does not mean that everybody has gone. */
const isTypedTo = () => process.stdin.isTTY || !fstatSync(0).isCharacterDevice();

await main();
