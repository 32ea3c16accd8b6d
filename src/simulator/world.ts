import type { Directory } from './directory.ts';
import type { Faults } from './faults.ts';
import type { Observer } from './observer.ts';
import type { Reception } from './reception.ts';
import type { ClientMessage, Records } from './records.ts';
import type { StaleDetectors } from './stale-detectors.ts';

/** What every part of one simulated WhatsApp shares. */
export interface World {
  readonly directory: Directory;
  readonly records: Records;
  readonly observer: Observer;
  readonly detectors: StaleDetectors;
  readonly faults: Faults;
  readonly reception: Reception;
  readonly clientMessageListeners: Set<(message: ClientMessage) => void>;
  /** The server never admits to fewer pre-keys than this. */
  readonly preKeyFloor: number;
}
