import { fetchLatestWaWebVersion, type WAVersion } from '@whiskeysockets/baileys';
import type { Clock } from '../clock.ts';

const FETCH_MS = 10_000;
/** Nothing newer is to be expected so soon; and whoever could not be asked is asked again. */
const FRESH_MS = 60 * 60_000;
const RETRY_MS = 60_000;

/**
 * The version of WhatsApp Web that sockets introduce themselves with. WhatsApp stops letting old ones in (405), all of
 * a fleet at once: one question then answers for all sessions of this server.
 */
export interface ClientVersion {
  /** Undefined: the one that Baileys was released with. */
  current(): WAVersion | undefined;
  /** Asks for the newest one, unless somebody has just done so. Never rejects. */
  refresh(): Promise<void>;
}

/** `fetchNewest` resolves to undefined where it cannot tell. */
export function createClientVersion(
  clock: Clock,
  fetchNewest: () => Promise<WAVersion | undefined> = fetchFromWhatsApp,
): ClientVersion {
  let version: WAVersion | undefined;
  let asking: Promise<void> | undefined;
  let askAgainAtMs = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<void> {
    const newest = await fetchNewest().catch(() => undefined);
    askAgainAtMs = clock.monotonicMs() + (newest ? FRESH_MS : RETRY_MS);
    version = newest ?? version;
    asking = undefined;
  }

  return {
    current: () => version,
    async refresh() {
      if (clock.monotonicMs() < askAgainAtMs) return;
      asking ??= ask();
      await asking;
    },
  };
}

async function fetchFromWhatsApp(): Promise<WAVersion | undefined> {
  const { version, isLatest } = await fetchLatestWaWebVersion({ signal: AbortSignal.timeout(FETCH_MS) });
  return isLatest ? version : undefined;
}
