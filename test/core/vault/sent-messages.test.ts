import { expect, it } from 'vitest';
import type { ConnectedSession } from '../../../src/core/sessions/connected-session.ts';
import { createTextSender } from '../../../src/core/sessions/text-sender.ts';
import { createSentMessages } from '../../../src/core/vault/sent-messages.ts';
import type { PlainEntryChange, SessionEntries } from '../../../src/core/vault/session-entries.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const HOUR = 3_600_000;

/** Entries in a map, as they outlive whoever reads them; the size of each write is noted. */
function createEntries() {
  const values = new Map<string, Uint8Array>();
  const writes: number[] = [];
  const entries: SessionEntries = {
    sessionId: 'shop',
    head: () => ({ epoch: 1, revision: 1, digest: '' }),
    pending: () => ({ pendingWrites: 0, oldestPendingWriteMs: 0 }),
    read: async (type, ids) =>
      new Map(
        ids.flatMap(id => {
          const value = values.get(`${type}/${id}`);
          return value ? [[id, value]] : [];
        }),
      ),
    async write(changes: readonly PlainEntryChange[]) {
      writes.push(changes.length);
      for (const { type, id, value } of changes) {
        if (value) values.set(`${type}/${id}`, value);
        else values.delete(`${type}/${id}`);
      }
    },
    replace: async () => {},
    flush: async () => {},
    revoke: () => {},
  };
  return { entries, values, writes };
}

function createScene() {
  const clock = createFakeClock();
  const { entries, values, writes } = createEntries();
  const handedOver: string[] = [];
  let failure: Error | undefined;
  const connect = (): ConnectedSession => ({
    account: { jid: '15550001@s.whatsapp.net' },
    sent: createSentMessages(entries, clock),
    connection: {
      async sendText({ messageId }) {
        if (failure) throw failure;
        handedOver.push(messageId);
      },
      requestPairingCode: async () => '',
      unlink: async () => true,
      end: () => {},
      closed: new Promise(() => {}),
    },
  });
  const send = createTextSender(clock);
  const jid = '15550002@s.whatsapp.net';
  const sendText = (session: ConnectedSession, messageId: string) =>
    send(session, { id: 'shop', to: jid, text: 'hi', messageId }, jid);
  const fail = (error: Error | undefined) => {
    failure = error;
  };
  return { clock, values, writes, handedOver, connect, sendText, fail };
}

it('sends an id once: at the same moment, again, and after the session was opened anew', async () => {
  const { handedOver, connect, sendText } = createScene();
  const session = connect();
  await Promise.all([sendText(session, 'a'), sendText(session, 'a')]);
  await sendText(session, 'a');
  await sendText(connect(), 'a');
  expect(handedOver).toEqual(['a']);
});

it('sends an id again that WhatsApp did not get, and everybody who asked learns of the failure', async () => {
  const { handedOver, connect, sendText, fail } = createScene();
  const session = connect();
  fail(new Error('the connection is gone'));
  const asked = [sendText(session, 'a'), sendText(session, 'a')];
  for (const one of asked) await expect(one).rejects.toThrow('the connection is gone');
  fail(undefined);
  await sendText(connect(), 'a');
  expect(handedOver).toEqual(['a']);
});

it('forgets an id after a day', async () => {
  const { clock, handedOver, connect, sendText } = createScene();
  const session = connect();
  await sendText(session, 'a');
  await clock.advance(23 * HOUR);
  await sendText(session, 'a');
  expect((await session.sent.find('a'))?.text).toBe('hi');
  await clock.advance(2 * HOUR);
  expect(await session.sent.find('a')).toBeUndefined();
  await sendText(session, 'a');
  expect(handedOver).toEqual(['a', 'a']);
});

it('keeps a day and no more, and never drops a day in one write', async () => {
  const { clock, values, writes, connect, sendText } = createScene();
  let session = connect();
  for (let i = 0; i < 1_000; i += 1) await sendText(session, `old${i}`);
  await clock.advance(25 * HOUR);
  session = connect();
  for (let i = 0; i < 1_100; i += 1) await sendText(session, `new${i}`);
  // The page that was begun on the first day and filled on the second goes with the second.
  const old = [...values.keys()].filter(key => key.startsWith('sent-message/old'));
  expect(old.length).toBeLessThan(64);
  expect([...values.keys()].filter(key => key.startsWith('sent-message/new')).length).toBe(1_100);
  expect(Math.max(...writes)).toBeLessThan(300);
});

it('sends at the same moment share pages and lose none', async () => {
  const { values, connect, sendText } = createScene();
  const session = connect();
  await Promise.all(Array.from({ length: 200 }, (_, i) => sendText(session, `m${i}`)));
  const listed = [...values]
    .filter(([key]) => /^sent-page\/\d+$/.test(key))
    .flatMap(([, value]) => JSON.parse(Buffer.from(value).toString()).items);
  expect(new Set(listed).size).toBe(200);
});
