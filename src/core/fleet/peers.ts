import type { Bus } from './bus.ts';
import type { BusSealer, RefusalReason } from './bus-sealer.ts';
import { decodeValue, encodeValue } from './bus-values.ts';
import type { PeerMessage } from './peer-messages.ts';

const TO_ALL = 'all';
const toOne = (holder: string) => `to/${holder}`;

/** The other servers of this fleet: those that share the secret and the bus. */
export interface Peers {
  /** Instance id of this server. */
  readonly self: string;
  readonly isUp: boolean;
  /** Told of every change of `isUp`. */
  onChange(listener: (isUp: boolean) => void): void;
  tellAll(message: PeerMessage): void;
  tell(peer: string, message: PeerMessage): void;
  /** What others say, in the order in which each of them said it. Nothing that this server says itself. */
  listen<K extends PeerMessage['kind']>(kind: K, hear: Hear<K>): void;
}

export type Hear<K extends PeerMessage['kind']> = (
  message: Extract<PeerMessage, { kind: K }>,
  sender: string,
) => void;

export interface PeersOptions {
  readonly bus: Bus;
  readonly sealer: BusSealer;
  readonly self: string;
  /** Something came that is not believed, or not understood. */
  readonly onRefused: (why: RefusalReason | 'malformed') => void;
}

export function createPeers({ bus, sealer, self, onRefused }: PeersOptions): Peers {
  const listeners = new Map<string, ((message: never, sender: string) => void)[]>();

  function receive(topic: string, blob: Uint8Array): void {
    const opened = sealer.open(topic, blob);
    if (opened.kind === 'own') return;
    if (opened.kind === 'refused') onRefused(opened.why);
    else hearFrom(opened.sender, opened.bytes);
  }

  function hearFrom(sender: string, bytes: Uint8Array): void {
    try {
      const message = decodeValue(bytes) as PeerMessage;
      for (const hear of listeners.get(message.kind) ?? []) hear(message as never, sender);
    } catch {
      // Of a version that means something else by it. It must not end the process, and it may hold secrets.
      onRefused('malformed');
    }
  }

  const send = (topic: string, message: PeerMessage) =>
    bus.publish(topic, sealer.seal(topic, encodeValue(message)));

  for (const topic of [TO_ALL, toOne(self)]) bus.subscribe(topic, blob => receive(topic, blob));

  return {
    self,
    get isUp() {
      return bus.isUp;
    },
    onChange: bus.onChange,
    tellAll: message => send(TO_ALL, message),
    tell: (peer, message) => send(toOne(peer), message),
    listen: (kind, hear) => listeners.set(kind, [...(listeners.get(kind) ?? []), hear]),
  };
}
