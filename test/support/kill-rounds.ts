import type { Group } from '../../src/simulator/simulator.ts';
import { until } from './condition.ts';
import type { ServerProcess } from './server-process.ts';
import { pairByQr, type ServerWorld, sendText, waitForStatus } from './server-world.ts';

/** What many kill -9 under overlapping traffic did to a session. */
export interface KillReport {
  readonly rounds: number;
  /** Kills that fell between the encryption of a message and its acknowledgement by WhatsApp. */
  readonly killsBeforeAck: number;
  /** Sends that the API had confirmed and the restarted server did not remember. */
  readonly lostAcknowledged: number;
  /** Confirmed texts that never reached the contact. */
  readonly undelivered: readonly string[];
  /** Messages to the session that WhatsApp counts as settled. */
  readonly settled: number;
  /** Settled ones that no subscriber saw: the process died between taking the message and telling anyone. */
  readonly settledUnseen: number;
  /** Restarts after which the session had a lower revision than somebody had seen before. */
  readonly revisionsBack: number;
  readonly anomalies: readonly unknown[];
  readonly undecryptable: number;
  readonly qrCodes: number;
}

export interface KillPlan {
  readonly rounds: number;
  /** In [0, 1); seeded, so that a failure can be repeated. */
  readonly random: () => number;
  /** Called while no server runs. */
  readonly betweenRounds: () => Promise<void>;
}

const NUMBER = '+15550002';

export async function runKillRounds(world: ServerWorld, plan: KillPlan): Promise<KillReport> {
  const { simulator, phone, contact } = world;
  const group = simulator.createGroup({ subject: 'Harbour', members: [phone, contact] });
  const seen = new Set<string>();
  const confirmed = new Map<string, string>();
  let killsBeforeAck = 0;
  let lostAcknowledged = 0;
  let revisionsBack = 0;
  let highestRevision = 0;

  async function start(): Promise<ServerProcess> {
    const server = await world.start();
    server.api.subscribe('subscription { messageReceived { text } }', {}, ({ messageReceived }) =>
      seen.add(messageReceived.text),
    );
    return server;
  }

  async function checkRevision({ api }: ServerProcess): Promise<void> {
    const { session } = await api.request('{ session(id: "shop") { revision } }');
    if (Number(session.revision) < highestRevision) revisionsBack += 1;
    highestRevision = Math.max(highestRevision, Number(session.revision));
  }

  /** Asks for messages again that were confirmed before the kill: a server that remembers does not send them. */
  async function checkConfirmed(server: ServerProcess, ids: readonly string[]): Promise<void> {
    const arrivals = () => simulator.clientMessages.filter(({ messageId }) => ids.includes(messageId)).length;
    const before = arrivals();
    for (const id of ids) await sendText(server, NUMBER, confirmed.get(id) ?? '', id);
    lostAcknowledged += arrivals() - before;
  }

  async function round(number: number, server: ServerProcess): Promise<string[]> {
    const ids: string[] = [];
    const killed = strike(server, plan.random);
    const sends = overlappingTraffic(world, group, number, (to, text) => {
      const messageId = `K${number}.${text.replaceAll(' ', '-')}`;
      return sendText(server, to, text, messageId).then(
        () => {
          confirmed.set(messageId, text);
          ids.push(messageId);
        },
        () => {},
      );
    });
    killsBeforeAck += (await killed) ? 1 : 0;
    await Promise.all(sends);
    await server.kill('SIGKILL');
    return ids;
  }

  /** Resolves with whether a message of the client was on its way to its acknowledgement when the process died. */
  function strike(server: ServerProcess, random: () => number): Promise<boolean> {
    const atMessage = 1 + Math.floor(random() * 3);
    const isTimed = random() < 0.3;
    return new Promise(resolve => {
      let arrived = 0;
      const kill = () => {
        stopListening();
        server.process.kill('SIGKILL');
        resolve(simulator.clientMessages.some(({ ackedAt }) => ackedAt === undefined));
      };
      const stopListening = simulator.onClientMessage(() => {
        arrived += 1;
        if (!isTimed && arrived === atMessage) kill();
      });
      if (isTimed) setTimeout(kill, random() * 120);
    });
  }

  let server = await start();
  const device = await pairByQr(server, phone);
  const qrBefore = simulator.qrCodesIssued;
  for (let number = 1; number <= plan.rounds; number += 1) {
    await checkRevision(server);
    const ids = await round(number, server);
    await plan.betweenRounds();
    server = await start();
    await waitForStatus(server.api, 'CONNECTED');
    // Baileys works off its backlog beside what arrives live: a message could overtake the one with its sender key.
    await until('the backlog is settled', () => device.queued === 0);
    await checkConfirmed(server, ids);
  }
  await checkRevision(server);
  const settledTexts = () => simulator.settled.filter(({ deviceJid }) => deviceJid === device.jid);
  await until('all that was queued is settled', () => device.queued === 0);
  const undelivered = () =>
    [...confirmed.values()].filter(text => !contact.received.some(m => m.text === text));
  await until('confirmed texts arrive', () => undelivered().length === 0, 5_000).catch(() => {});
  await device.replaySettled(20);
  await server.kill('SIGTERM');

  return {
    rounds: plan.rounds,
    killsBeforeAck,
    lostAcknowledged,
    undelivered: undelivered(),
    settled: settledTexts().length,
    settledUnseen: settledTexts().filter(({ text }) => text !== '' && !seen.has(text)).length,
    revisionsBack,
    anomalies: simulator.anomalies,
    undecryptable: contact.undecryptable.length,
    qrCodes: simulator.qrCodesIssued - qrBefore,
  };
}

/** Sends and receives at once: with the contact, its companion, and in the group. */
function overlappingTraffic(
  { phone, contact }: ServerWorld,
  group: Group,
  round: number,
  send: (to: string, text: string) => Promise<void>,
): Promise<unknown>[] {
  return [
    send(NUMBER, `out ${round}-1`),
    contact.sendText(phone, `in ${round}-1`, { from: 'phone' }),
    send(group.jid, `group out ${round}`),
    contact.sendText(group, `group in ${round}`),
    send(NUMBER, `out ${round}-2`),
    contact.sendText(phone, `in ${round}-2`, { from: 'companion' }),
  ];
}
