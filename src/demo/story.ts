import { toString as drawQr } from 'qrcode';
import { converse, killWhileSending, sendAgain } from './conversation.ts';
import { drawCopies, lookWhenInSync } from './copies.ts';
import { check, type Narrator } from './narrator.ts';
import { SESSION, type SessionClient, type SessionLook } from './session-client.ts';
import type { Life, Stage } from './stage.ts';

const INTERRUPTED = { id: 'ORDER-1717', text: 'Your order is packed.' };
const MISSED = 'Are you there?';

/** A session is born, is used, loses its server and its disk, and goes on as if nothing had happened. */
export async function tellStory(narrator: Narrator, stage: Stage): Promise<void> {
  const { heading, step } = narrator;

  heading('1. Link a phone');
  const first = await start(narrator, stage);
  await pair(narrator, stage, first.session);

  heading('2. Talk');
  const talk = { fromGrace: 'Hello shop!', toGrace: 'Hello Grace!' };
  await converse(narrator, stage, first.session, talk);
  const before = await showCopies(narrator, first.session);

  heading('3. Lose the server and its disk');
  await loseEverything(narrator, stage, first);

  heading('4. Start again');
  const codesBefore = stage.whatsApp.qrCodesIssued;
  const second = await start(narrator, stage);
  await comeBack(narrator, stage, second.session, codesBefore);

  heading('5. Nothing is lost');
  await sendUnanswered(narrator, stage, second.session);
  const again = { fromGrace: 'Still open?', toGrace: 'Always.' };
  await converse(narrator, stage, second.session, again);
  await compareCopies(narrator, second.session, before);
  await askDetectors(narrator, stage);
  await step('SIGTERM: the server lets every store catch up and exits with 0', async () => {
    const code = await second.server.end('SIGTERM');
    check(code === 0, `it exited with ${code}`);
  });
}

function start({ step }: Narrator, stage: Stage): Promise<Life> {
  const settings = Object.entries(stage.settings).map(([name, value]) => `${name}=${value}`);
  return step(`the server is up: ${settings.join(' ')} npm start`, stage.startServer);
}

async function pair(
  { step, detail, hasColours }: Narrator,
  { ada }: Stage,
  session: SessionClient,
): Promise<void> {
  await step(`createSession(id: "${SESSION}")`, session.create);
  const code = await step('subscription sessionQrIssued brings a QR code', () =>
    session.qrCodes.first(() => true),
  );
  detail(await drawQr(code, hasColours ? { type: 'terminal', small: true } : { type: 'utf8' }));
  await step('Ada scans it with her phone: the session is CONNECTED', async () => {
    await ada.scan(code);
    await session.statuses.first(status => status === 'CONNECTED');
    const { phoneNumber } = await session.look();
    check(phoneNumber === '+15550001', `it is linked to ${phoneNumber}`);
  });
}

async function showCopies({ step, detail }: Narrator, session: SessionClient): Promise<SessionLook> {
  const look = await step('every store holds all of it', () => lookWhenInSync(session));
  detail(drawCopies(look.copies));
  return look;
}

async function loseEverything({ step }: Narrator, stage: Stage, { server, session }: Life): Promise<void> {
  await step(`shop  → Grace            "${INTERRUPTED.text}" and kill -9 before WhatsApp's ack`, () =>
    killWhileSending(stage, session, () => server.end('SIGKILL'), INTERRUPTED),
  );
  await step('rm -r whatsapp_auth: the first store is gone', stage.wipeFirstStore);
  await step(`Grace → shop             "${MISSED}" while nobody is there`, () =>
    stage.grace.sendText(stage.ada, MISSED),
  );
}

async function comeBack(
  { step }: Narrator,
  { whatsApp }: Stage,
  session: SessionClient,
  codesBefore: number,
): Promise<void> {
  await step('CONNECTED again, read back from the second store', async () => {
    await session.statuses.first(status => status === 'CONNECTED');
  });
  await step('no QR code was asked for', async () => {
    check(!session.statuses.events.includes('PAIRING'), 'the session went through PAIRING');
    check(whatsApp.qrCodesIssued === codesBefore, 'WhatsApp issued a QR code');
  });
  await step(`the waiting message arrives and decrypts: "${MISSED}"`, async () => {
    await session.messages.first(({ text }) => text === MISSED);
  });
}

function sendUnanswered({ step }: Narrator, stage: Stage, session: SessionClient): Promise<void> {
  return step(`sendText again with the same messageId: Grace has "${INTERRUPTED.text}" once`, () =>
    sendAgain(stage, session, INTERRUPTED),
  );
}

async function compareCopies(narrator: Narrator, session: SessionClient, before: SessionLook): Promise<void> {
  const after = await showCopies(narrator, session);
  await narrator.step(
    'a new owner (epoch is higher) went on where the old one stopped (revision is higher)',
    async () => {
      check(
        Number(after.epoch) > Number(before.epoch),
        `the epoch is ${after.epoch}, it was ${before.epoch}`,
      );
      check(Number(after.revision) > Number(before.revision), `the revision fell to ${after.revision}`);
    },
  );
}

/** What a real WhatsApp would notice, and block an account for, if the session had gone back in time. */
async function askDetectors({ step }: Narrator, { whatsApp, grace, ada }: Stage): Promise<void> {
  await step('old messages delivered once more are known, not taken for new', async () => {
    const outcomes = await Promise.all(ada.devices.map(device => device.replaySettled(4)));
    check(!outcomes.flat().includes('accepted'), 'one was taken for new');
  });
  await step('WhatsApp saw no key used twice, and nobody got what cannot be decrypted', async () => {
    const [anomaly] = whatsApp.anomalies;
    check(anomaly === undefined, `${anomaly?.kind} ${anomaly?.detail}`);
    check(grace.undecryptable.length === 0, 'Grace could not decrypt a message');
  });
}
