import { notify } from './announcements.ts';
import type { Companion } from './companion.ts';
import { type Ending, endConnection } from './ending.ts';
import type { ReplayOutcome } from './replay-probe.ts';
import { SERVER_JID, stanza } from './stanza.ts';
import { kick, type StreamError } from './stream-error.ts';
import type { World } from './world.ts';

/** A client that was paired, as a test holds it. */
export interface LinkedDevice {
  readonly jid: string;
  readonly lid: string;
  readonly isConnected: boolean;
  /** Logged in, keys checked, backlog sent, first sync answered. */
  readonly isOnline: boolean;
  readonly isRemoved: boolean;
  /** How many stanzas it has not answered for good. */
  readonly queued: number;
  readonly preKeysAvailable: number;
  readonly signedPreKeyId: number;
  /** What the client presented when it connected, of what `sendEdgeRouting` had told it. */
  readonly edgeRouting: Buffer | undefined;
  /** Resolves as soon as `isOnline`. */
  online(): Promise<void>;
  /**
   * Resolves as soon as the client has asked for the app state, which it does once, when it has history and keys.
   * A client that is cut off before waits 20 s on its next login and holds back its backlog meanwhile.
   */
  synced(): Promise<void>;
  /** Resolves as soon as no connection is left. */
  closed(): Promise<void>;
  /** Resolves as soon as nothing is queued. */
  idle(): Promise<void>;
  disconnect(ending: Ending): void;
  /** Ends the stream with an error; see `STREAM_ERRORS` for the known ones. */
  streamError(error: StreamError): void;
  /** Tells the client what to present at its next connection; a load balancer would find the server by it. */
  sendEdgeRouting(info: Buffer): void;
  /** Sends bytes that the client can't decrypt; the connection stays open. */
  sendGarbage(): void;
  /** Tells the client that its pre-keys run low; under 5 it uploads 5 more. */
  announceLowPreKeys(count: number): void;
  /**
   * Sends the last `count` messages again that it had settled. A client with complete state must not take one
   * of them for new; if it does, that is an anomaly as well. Rejects where no client is connected.
   */
  replaySettled(count?: number): Promise<ReplayOutcome[]>;
}

export function createLinkedDevice(world: World, companion: Companion): LinkedDevice {
  const { observer } = world;
  const { queue, probes } = companion;
  const isOnline = () => {
    const { login } = companion;
    const isSyncing = companion.greet !== undefined || queue.find(isPeerMessage) !== undefined;
    return login?.isDigested === true && login.isDrained && !isSyncing;
  };

  return {
    jid: companion.jid,
    lid: companion.lid,
    get isConnected() {
      return companion.login !== undefined;
    },
    get isOnline() {
      return isOnline();
    },
    get isRemoved() {
      return companion.isRemoved;
    },
    get queued() {
      return queue.parcels.length;
    },
    get signedPreKeyId() {
      return companion.signedPreKey.keyId;
    },
    get edgeRouting() {
      return companion.login?.edgeRouting;
    },
    get preKeysAvailable() {
      return companion.shelf.available;
    },
    online: () => observer.until(isOnline),
    synced: () => observer.until(() => companion.hasSynced),
    closed: () => observer.until(() => companion.login === undefined),
    idle: () => observer.until(() => queue.parcels.length === 0),
    disconnect(ending) {
      if (companion.login) endConnection(companion.login.connection, ending);
    },
    sendEdgeRouting(info) {
      const routing = stanza('edge_routing', {}, [stanza('routing_info', {}, info)]);
      companion.send(stanza('ib', { from: SERVER_JID }, [routing]));
    },
    sendGarbage: () => companion.login?.connection.sendGarbage(),
    streamError: error => kick(world, companion, error),
    announceLowPreKeys(count) {
      notify(companion, 'encrypt', stanza('count', { value: count }));
    },
    async replaySettled(count = 1) {
      if (companion.login === undefined) throw new Error('nobody is connected who could answer a replay');
      return probes.replay(count, companion.send);
    },
  };
}

const isPeerMessage = ({ envelope }: { envelope: { category: 'peer' | undefined } | undefined }) =>
  envelope?.category === 'peer';
