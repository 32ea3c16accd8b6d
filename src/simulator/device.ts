import type { AppState } from './app-state.ts';
import type { EncType } from './signal-envelope.ts';

/** A WhatsApp account: a phone number, its hidden id (LID), and its devices; device 0 is the phone itself. */
export interface Account {
  readonly number: string;
  readonly name: string;
  readonly jid: string;
  readonly lid: string;
  readonly devices: Map<number, Device>;
  readonly appState: AppState;
  /** The error by which WhatsApp refuses what others write to it. */
  refusedWith?: number | undefined;
}

export interface GroupChat {
  readonly jid: string;
  readonly subject: string;
  readonly members: readonly Account[];
  readonly createdAt: number;
}

/** The public keys by which somebody opens a signal session with a device. All keys are 32 bytes, as on the wire. */
export interface KeyBundle {
  readonly registrationId: number;
  readonly identityKey: Uint8Array;
  readonly signedPreKey: PublicPreKey & { readonly signature: Uint8Array };
  /** Absent when the one-time keys have run out. */
  readonly preKey: PublicPreKey | undefined;
}

export interface PublicPreKey {
  readonly keyId: number;
  readonly publicKey: Uint8Array;
}

export interface Enc {
  readonly type: EncType;
  readonly ciphertext: Buffer;
}

/** One message on its way to one device. */
export interface Envelope {
  readonly id: string;
  readonly sender: Device;
  /** The chat as its sender addressed it: the recipient's account, or the group. */
  readonly chat: string;
  readonly group: GroupChat | undefined;
  readonly encs: readonly Enc[];
  /** How often the recipient has asked for it again. */
  readonly retryCount: number;
  /** `peer`: between devices of one account, not part of any chat. */
  readonly category: 'peer' | undefined;
  /** What the simulator knows of the content; a client's message is opaque to the server. */
  readonly text: string;
  /** The sender broke it on purpose, so a retry receipt is no sign of stale state. */
  readonly isDamaged: boolean;
}

/** A receipt on its way back to the device that sent the message. */
export interface Receipt {
  readonly messageId: string;
  readonly from: Device;
  readonly chat: string;
  readonly group: GroupChat | undefined;
  readonly type: string | undefined;
  readonly retry: RetryRequest | undefined;
}

/** "I could not decrypt it, send it again": the nth time, with fresh keys from the second time on. */
export interface RetryRequest {
  readonly count: number;
  readonly registrationId: number;
  readonly bundle: KeyBundle | undefined;
}

/** What every device can do, whether a real client stands behind it or a simulated one. */
export interface Device {
  readonly account: Account;
  readonly id: number;
  readonly jid: string;
  readonly lid: string;
  /** Public keys for a new signal session; each call hands out another one-time key. */
  takeBundle(): KeyBundle;
  deliver(envelope: Envelope): void;
  acceptReceipt(receipt: Receipt): void;
}

export const deviceJid = (accountJid: string, id: number) =>
  id === 0 ? accountJid : accountJid.replace('@', `:${id}@`);
