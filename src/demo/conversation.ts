import { check, type Narrator } from './narrator.ts';
import type { SessionClient } from './session-client.ts';
import type { Stage } from './stage.ts';

const GRACE_NUMBER = '+15550002';

/** Messages both ways, with a person and in a group, each decrypted by the real Signal protocol at its other end. */
export async function converse(
  { step }: Narrator,
  { ada, grace, harbour }: Stage,
  session: SessionClient,
  texts: { readonly fromGrace: string; readonly toGrace: string },
): Promise<void> {
  const { fromGrace, toGrace } = texts;

  await step(`Grace → shop             "${fromGrace}"`, async () => {
    await grace.sendText(ada, fromGrace);
    await session.messages.first(({ text }) => text === fromGrace);
  });
  await step(`shop  → Grace            "${toGrace}"`, async () => {
    await session.sendText(GRACE_NUMBER, toGrace);
    await grace.waitForText(toGrace);
  });
  await step(`Grace → group Harbour    "${fromGrace} Everybody?"`, async () => {
    const text = `${fromGrace} Everybody?`;
    await grace.sendText(harbour, text);
    const { chatId } = await session.messages.first(message => message.text === text);
    check(chatId === harbour.jid, 'it did not arrive in the group');
  });
  await step(`shop  → group Harbour    "${toGrace} All of you."`, async () => {
    const text = `${toGrace} All of you.`;
    await session.sendText(harbour.jid, text);
    await grace.waitForText(text);
  });
}

/** Sends a text and kills the server when WhatsApp has it and has not acknowledged it. */
export async function killWhileSending(
  { whatsApp }: Stage,
  session: SessionClient,
  kill: () => Promise<unknown>,
  message: { readonly id: string; readonly text: string },
): Promise<void> {
  const struck = new Promise<void>(resolve => {
    const stopListening = whatsApp.onClientMessage(({ messageId }) => {
      if (messageId !== message.id) return;
      stopListening();
      resolve(kill().then(() => {}));
    });
  });
  // Answered or not: it was handed over, and the answer may be on its way when the process dies.
  const sending = session.sendText(GRACE_NUMBER, message.text, message.id).catch(() => {});
  await struck;
  await sending;
}

/** Whoever is not sure asks again under the same message id; the recipient has the text once. */
export async function sendAgain(
  { grace }: Stage,
  session: SessionClient,
  message: { readonly id: string; readonly text: string },
): Promise<void> {
  await session.sendText(GRACE_NUMBER, message.text, message.id);
  const { device } = await grace.waitForText(message.text);
  const copies = grace.received.filter(other => other.device === device && other.text === message.text);
  check(copies.length === 1, `it arrived ${copies.length} times`);
}
