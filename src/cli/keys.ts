import { randomBytes } from 'node:crypto';
import { drawTable } from '../table.ts';
import { API_OPTIONS } from './api.ts';
import { badArguments, type Call, type Command, readWords } from './command.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type KeyDesk, withKeyDesk } from './keys/key-desk.ts';
import { objectionsTo } from './keys/retirement.ts';
import { rotateAll } from './keys/rotate-all.ts';

const SECRET_BYTES = 32;

export const keys: Command = {
  help: `sessiongraph keys generate
sessiongraph keys list [--json]
sessiongraph keys rotate [--json]
sessiongraph keys retire FINGERPRINT [--json]

The secrets of SESSION_ENCRYPTION_SECRET, of which a fingerprint is all that is ever shown. generate makes one. list
says how many sessions are under each, in every store. rotate puts every session under the newest one, while they run;
killed, it goes on where it was when called again. retire says whether a secret may be taken out: with 1 it must stay.
Nothing of this changes the configuration.

It reads the environment of the server: run it where the server runs. Where one answers it does the work, and needs
admin; else the stores are opened.

  --url URL       of the server, where HOST and PORT do not lead to it
  --token TOKEN   one with admin, where the environment has no AUTH_JWT_SECRET to make one with`,
  options: API_OPTIONS,
  async run(call) {
    const [verb = '', ...words] = call.words;
    const act = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (!act) throw badArguments(`keys does one of ${Object.keys(VERBS).join(', ')}`);
    const [fingerprint = ''] = readWords({ words }, verb === 'retire' ? ['FINGERPRINT'] : []);
    await act(call, fingerprint);
  },
};

const VERBS: Readonly<Record<string, (call: Call, fingerprint: string) => Promise<void>>> = {
  async generate(call) {
    const secret = randomBytes(SECRET_BYTES).toString('base64');
    call.print(secret, { secret });
  },

  list: call => withKeyDesk(call, desk => list(desk, call)),
  rotate: call => withKeyDesk(call, desk => rotate(desk, call)),
  retire: (call, fingerprint) => withKeyDesk(call, desk => retire(desk, call, fingerprint)),
};

async function list(desk: KeyDesk, call: Call): Promise<void> {
  const report = await desk.read();
  const rows = report.keys.flatMap(({ fingerprint, copies, ...key }): Record<string, unknown>[] => {
    const state = key.isNewest ? 'newest' : key.isConfigured ? 'configured' : 'UNKNOWN';
    if (copies.length === 0) return [{ fingerprint, state, store: undefined, sessions: 0 }];
    return copies.map(({ store, count }) => ({ fingerprint, state, store, sessions: count }));
  });
  const strange = report.keys
    .filter(({ isConfigured }) => !isConfigured)
    .flatMap(({ fingerprint, copies }) =>
      copies.map(
        ({ store, sessionIds }) =>
          `\nUnder ${fingerprint}, which is not configured, in ${store}: ${sessionIds.join(', ')}`,
      ),
    );
  const unread = report.unreadable.map(({ message }) => `\nNot counted: ${message}`);
  call.print([drawTable(rows), ...strange, ...unread].join(''), report);
}

async function rotate(desk: KeyDesk, call: Call): Promise<void> {
  const { left, ...counts } = await rotateAll(desk, ({ rewrapped, remaining }) => {
    if (!call.has('json')) call.print(`${rewrapped} rotated, ${remaining} to go …`, undefined);
  });
  const lines = left.map(({ code, message }) =>
    code === 'SESSION_HELD_ELSEWHERE' ? `\n✗ ${message}: rotate there, and here once more` : `\n✗ ${message}`,
  );
  const done = `${counts.rewrapped} sessions rotated, ${counts.current} were under the newest secret already`;
  call.print(`${done}${lines.join('')}`, { ...counts, left });
  if (left.length === 0) return;
  throw new CommandFailure(EXIT.failed, 'SESSIONS_LEFT', 'not everything is under the newest secret');
}

async function retire(desk: KeyDesk, call: Call, fingerprint: string): Promise<void> {
  const objections = objectionsTo(await desk.read(), fingerprint);
  if (objections.length > 0) {
    throw new CommandFailure(
      EXIT.failed,
      'KEY_IN_USE',
      `${fingerprint} has to stay:\n${objections.join('\n')}`,
    );
  }
  const mayGo = `Nothing in these stores is under ${fingerprint}: it may be taken out, once every server says so.`;
  call.print(mayGo, { fingerprint, retirable: true });
}
