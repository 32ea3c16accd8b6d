import { type Contact, createContact } from './contact.ts';
import type { GroupChat } from './device.ts';
import { createDirectory } from './directory.ts';
import { createFaults, type Interceptor } from './faults.ts';
import { createObserver } from './observer.ts';
import { createPhone, type Phone } from './phone.ts';
import { installQuietConsole } from './quiet-console.ts';
import { type ClientMessage, createRecords, type Records } from './records.ts';
import { createRegistrar } from './registrar.ts';
import { startServer } from './server.ts';
import { createStaleDetectors } from './stale-detectors.ts';
import type { World } from './world.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /**
   * What the server at least says it has of a client's pre-keys. By default it tells the truth, so that a new
   * client uploads 812; with 1 it uploads 5 and its first login is ten times as fast.
   */
  readonly preKeyFloor?: number;
  /** How long the server waits before it acknowledges a message of a client. */
  readonly ackDelayMs?: number;
  /** How long delivery and retry receipts take to a client. */
  readonly receiptDelayMs?: number;
  /** Whether a phone shares app-state keys and history with a newly linked device; `sent` by default. */
  readonly firstSync?: 'sent' | 'withheld';
}

/** A simulated WhatsApp for unmodified Baileys clients. */
export interface Simulator extends Pick<Records, 'anomalies' | 'settled' | 'connections' | 'clientMessages'> {
  /** For Baileys' `waWebSocketUrl`. */
  readonly url: string;
  readonly logins: number;
  /** How many connections were asked to show QR codes. */
  readonly qrCodesIssued: number;
  createPhone(owner: { number: string; name?: string }): Phone;
  createContact(owner: { number: string; name?: string; devices?: 'with-companion' | 'phone-only' }): Contact;
  createGroup(group: { subject: string; members: readonly (Phone | Contact)[] }): Group;
  /** Drops or delays stanzas between the server and clients that are logged in. Returns the function that ends it. */
  intercept(interceptor: Interceptor): () => void;
  /** Hears of each message of a client when it arrives, before it is acknowledged. Returns the unsubscriber. */
  onClientMessage(listener: (message: ClientMessage) => void): () => void;
  /** Resolves when the predicate holds; it is asked again after everything that happens. Rejects on close. */
  until(predicate: () => boolean): Promise<void>;
  /** Cuts all connections and ends all timers. */
  close(): Promise<void>;
}

export interface Group {
  readonly jid: string;
  readonly subject: string;
  readonly chat: GroupChat;
}

/** Starts a simulated WhatsApp on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, firstSync = 'sent' } = options;
  const restoreConsole = installQuietConsole();
  const world = createWorld(options);
  const { directory, records, observer, faults, clientMessageListeners } = world;
  const registrar = createRegistrar(world);
  const server = await startServer(world, registrar, port);
  const owned: { close(): void }[] = [];
  const count = (kind: string) => records.connections.filter(event => event.kind === kind).length;

  return {
    ...records,
    url: server.url,
    get logins() {
      return count('login');
    },
    get qrCodesIssued() {
      return count('qr-issued');
    },
    createPhone({ number, name = `Phone ${number}` }) {
      const { phone, device } = createPhone(world, registrar, directory.addAccount(number, name), firstSync);
      owned.push(device);
      return phone;
    },
    createContact({ number, name = `Contact ${number}`, devices: kind = 'with-companion' }) {
      const { contact, devices } = createContact(world, directory.addAccount(number, name), kind);
      owned.push(...devices);
      return contact;
    },
    createGroup({ subject, members }) {
      const chat = directory.addGroup(
        subject,
        members.map(({ account }) => account),
      );
      return { jid: chat.jid, subject, chat };
    },
    intercept: faults.intercept,
    onClientMessage(listener) {
      clientMessageListeners.add(listener);
      return () => void clientMessageListeners.delete(listener);
    },
    until: observer.until,
    async close() {
      observer.stop();
      faults.stop();
      await server.close();
      for (const device of owned) device.close();
      restoreConsole();
    },
  };
}

function createWorld({ preKeyFloor = 0, ackDelayMs = 0, receiptDelayMs = 0 }: SimulatorOptions): World {
  const observer = createObserver();
  const records = createRecords(observer);
  const faults = createFaults();
  const delay = (tag: string, messageClass: string | undefined, delayMs: number) => {
    if (delayMs === 0) return;
    faults.intercept(({ direction, node }) =>
      direction === 'to-client' && node.tag === tag && node.attrs.class === messageClass
        ? { delayMs }
        : undefined,
    );
  };
  delay('ack', 'message', ackDelayMs);
  delay('receipt', undefined, receiptDelayMs);
  return {
    directory: createDirectory(),
    records,
    observer,
    detectors: createStaleDetectors(records),
    faults,
    clientMessageListeners: new Set(),
    preKeyFloor,
  };
}
