import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientConnection, ClientHello } from './client-connection.ts';
import { createMessageRouter } from './client-messages.ts';
import type { LoginRequest } from './client-payload.ts';
import { type Companion, isCompanion } from './companion.ts';
import { createIqReplies } from './iq-replies.ts';
import { failureStanza, LOGIN_FAILURES } from './reception.ts';
import type { ServedClient } from './served-client.ts';
import { createSettling } from './settling.ts';
import { nowSeconds, stanza } from './stanza.ts';
import { kick, STREAM_ERRORS } from './stream-error.ts';
import type { World } from './world.ts';

type LogIn = (
  request: LoginRequest,
  hello: ClientHello,
  connection: ClientConnection,
) => ServedClient | undefined;

/** Admits clients that were paired before; answers undefined, after a failure stanza, where it does not. */
export function createClientLogin(world: World): LogIn {
  const { directory, records, observer } = world;
  const dispatch = createDispatch(world);
  let logins = 0;

  return ({ number, deviceId }, { noiseKey, edgeRouting }, connection) => {
    const device = directory.accountOf(`${number}@s.whatsapp.net`)?.devices.get(deviceId);
    if (!isCompanion(device) || !device.noiseKey.equals(noiseKey)) {
      records.noteConnection('login-refused', `${number}:${deviceId}@s.whatsapp.net`, '401');
      connection.send(failureStanza(LOGIN_FAILURES.loggedOut));
      connection.close();
      return undefined;
    }
    // One connection a device: the newcomer wins, as with the real server.
    if (device.login) kick(world, device, STREAM_ERRORS.replaced);
    logins += 1;
    const login = { number: logins, connection, edgeRouting, isDigested: false, isDrained: false };
    device.login = login;
    records.noteConnection('login', device.jid, undefined, login.number);
    device.send(stanza('success', { t: nowSeconds(), lid: device.lid, location: 'sim' }));
    return {
      onNode: node => {
        if (device.login === login) dispatch(node, device);
      },
      onClosed() {
        records.noteConnection('closed', device.jid, undefined, login.number);
        if (device.login === login) device.leave();
        observer.changed();
      },
    };
  };
}

function createDispatch(world: World): (node: BinaryNode, companion: Companion) => void {
  const routeMessage = createMessageRouter(world);
  const settling = createSettling(world);
  const answerIq = createIqReplies(world, {
    onActive: companion => companion.queue.announce(companion.send),
    onDigested(companion) {
      if (companion.login) companion.login.isDigested = true;
      noteIfOnline(world, companion);
    },
    onSynced(companion) {
      companion.hasSynced = true;
      world.observer.changed();
    },
    onRemoveRequested: companion => kick(world, companion, STREAM_ERRORS.removed),
  });

  function drain(companion: Companion): void {
    const { login } = companion;
    if (login === undefined || login.isDrained) return;
    login.isDrained = true;
    companion.queue.drain(companion.send);
    companion.greet?.();
    companion.greet = undefined;
    noteIfOnline(world, companion);
  }

  const handlers: Readonly<Record<string, (node: BinaryNode, companion: Companion) => void>> = {
    iq: answerIq,
    message: routeMessage,
    receipt: settling.onReceipt,
    ack: settling.onAck,
    ib(node, companion) {
      const asksForBacklog = Array.isArray(node.content) && node.content[0]?.tag === 'offline_batch';
      if (asksForBacklog) drain(companion);
    },
  };

  return (node, companion) =>
    world.faults.pass(
      { direction: 'from-client', node, deviceJid: companion.jid },
      {
        forward: () => handlers[node.tag]?.(node, companion),
        cut: () => companion.login?.connection.reset(),
      },
    );
}

function noteIfOnline({ records }: World, { jid, login }: Companion): void {
  if (login?.isDigested && login.isDrained) records.noteConnection('online', jid);
}
