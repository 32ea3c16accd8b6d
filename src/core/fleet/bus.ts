/**
 * Carries bytes between servers, to whoever listens at that moment: at most once, and in the order in which one server
 * published them. What cannot be carried now is dropped; nobody ever waits for the bus.
 */
export interface Bus {
  /** Never throws. */
  publish(topic: string, bytes: Uint8Array): void;
  /** From now on, and again after every loss of the connection. */
  subscribe(topic: string, onBytes: (bytes: Uint8Array) => void): void;
  /** Whether what is published now reaches the others, and what they publish reaches us, as far as is known. */
  readonly isUp: boolean;
  /** Told of every change of `isUp`. */
  onChange(listener: (isUp: boolean) => void): void;
  /** How much was dropped because the bus was away or did not keep up. */
  readonly dropped: number;
  close(): Promise<void>;
}
