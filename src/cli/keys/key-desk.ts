import { readConfig } from '../../config.ts';
import { rewrapUnderLease, rotateKeys } from '../../core/sealing/key-rotation.ts';
import { reportKeys, surveyKeys } from '../../core/sealing/key-survey.ts';
import type { KeyReport, RotationProgress } from '../../core/sealing/key-views.ts';
import { openVault } from '../../open-vault.ts';
import type { Api } from '../api.ts';
import type { Call } from '../command.ts';
import { openOwnApi } from '../own-server.ts';

/** Who reads and rotates: the server, where one runs, or this process. */
export interface KeyDesk {
  read(): Promise<KeyReport>;
  /** As far as it comes in a few seconds. */
  rotate(after: string | undefined): Promise<RotationProgress>;
}

/**
 * Not a server's name, which would get the lease from a session that runs; and the same each time, so that what a killed
 * rotation left behind is taken up at once.
 */
const HOLDER = 'keys';

const READ = `{ encryptionKeys {
  keys { fingerprint isConfigured: configured isNewest: newest copies { store count sessionIds } }
  unreadable { store sessionId message }
} }`;
const ROTATE = `mutation ($input: RotateKeysInput!) { rotateKeys(input: $input) {
  rewrapped current remaining endCursor left { sessionId code message }
} }`;

/** The server of this configuration is asked; where none answers, its stores are opened. A lock of theirs is respected. */
export async function withKeyDesk(call: Call, use: (desk: KeyDesk) => Promise<void>): Promise<void> {
  const config = readConfig(call.environment);
  const api = await openOwnApi(config, call, { subject: 'keys', scopes: ['admin'] });
  if (api) return use(askServer(api));
  const { vault, ...opened } = await openVault({ ...config, instanceId: HOLDER });
  const isVisible = () => true;
  try {
    await use({
      read: async () => reportKeys(await surveyKeys(opened), opened.keyring.fingerprints, isVisible),
      rotate: after =>
        rotateKeys(opened, { isVisible, ...(after !== undefined && { after }) }, rewrapUnderLease(vault)),
    });
  } finally {
    await opened.chain.close();
  }
}

function askServer(api: Api): KeyDesk {
  return {
    async read() {
      return (await api.request<{ encryptionKeys: KeyReport }>(READ)).encryptionKeys;
    },
    async rotate(after) {
      const input = after === undefined ? {} : { after };
      return (await api.request<{ rotateKeys: RotationProgress }>(ROTATE, { input })).rotateKeys;
    },
  };
}
