import { createInterface } from 'node:readline';
import { type Simulator, startSimulator } from './simulator.ts';

const HELP = `Lines you can type:
  <QR text>    the phone scans it (the text behind the QR picture, not the picture)
  send <text>  the contact sends a text to the phone's account
  group <text> the contact sends a text to the group
  devices      the linked devices
  kick         the phone unlinks every device
  help         this
  quit         end`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Prints every entry of a list that only grows, those of now and those to come. */
async function follow<T>(simulator: Simulator, entries: readonly T[], describe: (entry: T) => string) {
  for (let shown = 0; ; ) {
    await simulator.until(() => entries.length > shown);
    for (const entry of entries.slice(shown)) print(describe(entry));
    shown = entries.length;
  }
}

async function main(): Promise<void> {
  const simulator = await startSimulator({ port: Number(process.argv[2] ?? 0) });
  const phone = simulator.createPhone({ number: '15550001', name: 'Ada' });
  const contact = simulator.createContact({ number: '15550002', name: 'Grace' });
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });

  const commands: Readonly<Record<string, (rest: string) => unknown>> = {
    help: () => print(HELP),
    quit: () => lines.close(),
    send: text => contact.sendText(phone, text),
    group: text => contact.sendText(group, text),
    kick: () => phone.devices.forEach(phone.removeDevice),
    devices() {
      for (const { jid, isOnline, queued } of phone.devices) {
        print(`${jid}: ${isOnline ? 'online' : 'away'}, ${queued} queued`);
      }
    },
  };

  async function obey(line: string): Promise<void> {
    const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/.exec(line.trim()) ?? [];
    const command = commands[word];
    if (command) await command(rest);
    else if (word) print(`linked ${(await phone.scan(line.trim())).jid}`);
  }

  const watches = [
    follow(simulator, contact.received, ({ device, text }) => `${contact.number}:${device} got "${text}"`),
    follow(simulator, simulator.connections, ({ kind, deviceJid = 'a client' }) => `${deviceJid}: ${kind}`),
    follow(
      simulator,
      simulator.anomalies,
      ({ kind, deviceJid, detail }) => `! ${kind} ${deviceJid} ${detail}`,
    ),
  ];
  // Each ends by the rejection that closing the simulator causes.
  for (const watch of watches) watch.catch(() => undefined);

  print(`WhatsApp, simulated: ${simulator.url}`);
  print(`Phone ${phone.number}, contact ${contact.number}, group ${group.jid}`);
  print(HELP);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', line => obey(line).catch((error: Error) => print(error.message)));
  lines.on('close', async () => {
    await simulator.close();
    // A pipe that the other side keeps open would keep the process alive.
    process.stdin.destroy();
  });
}

await main();
