import type { CodeRequest } from './code-requests.ts';
import { type Contact, createContact } from './contact.ts';
import type { GroupChat } from './device.ts';
import { createDirectory } from './directory.ts';
import { createFaults, type Interceptor } from './faults.ts';
import { createObserver } from './observer.ts';
import { createPhone, type Phone } from './phone.ts';
import { installQuietConsole } from './quiet-console.ts';
import { createReception, type HangPoint, type LoginFailure } from './reception.ts';
import { type ClientMessage, createRecords, type Records } from './records.ts';
import { createRegistrar } from './registrar.ts';
import { type RunningServer, startServer } from './server.ts';
import { createStaleDetectors } from './stale-detectors.ts';
import type { IqError } from './stanza.ts';
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
export interface Simulator
  extends Pick<Records, 'anomalies' | 'settled' | 'connections' | 'clientMessages'>,
    Pick<RunningServer, 'answerHttp' | 'pause' | 'resume'> {
  /** For Baileys' `waWebSocketUrl`. */
  readonly url: string;
  readonly logins: number;
  /** How many connections were asked to show QR codes. */
  readonly qrCodesIssued: number;
  /** The clients that show a pairing code just now, for a phone to type. */
  readonly pendingPairingCodes: readonly CodeRequest[];
  createPhone(owner: { number: string; name?: string }): Phone;
  createContact(owner: { number: string; name?: string; devices?: 'with-companion' | 'phone-only' }): Contact;
  createGroup(group: { subject: string; members: readonly (Phone | Contact)[] }): Group;
  /** Drops, delays or cuts off what server and clients say to each other. Returns the function that ends it. */
  intercept(interceptor: Interceptor): () => void;
  /** From now on the WebSocket upgrade is answered with this HTTP status. Returns the function that ends it. */
  refuseUpgrades(status: number): () => void;
  /** From now on nobody who connects is let in; see `LOGIN_FAILURES`. Returns the function that ends it. */
  refuseLogins(failure: LoginFailure): () => void;
  /** From now on those who connect are left waiting at this point. Returns the function that ends it. */
  hang(at: HangPoint): () => void;
  /** From now on every request for a pairing code gets this error. Returns the function that ends it. */
  refusePairingCodes(error: IqError): () => void;
  /** Hears of each message of a client when it arrives, before it is acknowledged. Returns the unsubscriber. */
  onClientMessage(listener: (message: ClientMessage) => void): () => void;
  /** Calls the listener after everything that happens. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
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
  const { directory, records, observer, faults, reception, clientMessageListeners } = world;
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
    refuseUpgrades: reception.refuseUpgrades,
    refuseLogins: reception.refuseLogins,
    hang: reception.hang,
    refusePairingCodes: reception.refuseCodes,
    pendingPairingCodes: registrar.pendingCodes,
    answerHttp: server.answerHttp,
    pause: server.pause,
    resume: server.resume,
    onClientMessage(listener) {
      clientMessageListeners.add(listener);
      return () => void clientMessageListeners.delete(listener);
    },
    until: observer.until,
    onChange: observer.onChange,
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
    reception: createReception(),
    clientMessageListeners: new Set(),
    preKeyFloor,
  };
}
