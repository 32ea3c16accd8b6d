import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import type { AppState } from './app-state.ts';
import type { Companion } from './companion.ts';
import type { PeerDevice } from './peer-device.ts';

const { Type } = proto.Message.ProtocolMessage;

/**
 * What a phone gives a companion that has logged in for the first time: a key for the app state, and its chat
 * history (here: none). The client calls itself synced only after both.
 */
export async function sendFirstSync(phone: PeerDevice, companion: Companion): Promise<void> {
  for (const protocolMessage of [keyShare(phone.account.appState), emptyHistory()]) {
    await phone.send({
      content: { protocolMessage },
      chat: phone.account.jid,
      group: undefined,
      recipients: [companion],
      category: 'peer',
    });
  }
}

function keyShare({ key: { keyId, keyData } }: AppState): proto.Message.IProtocolMessage {
  const fingerprint = { rawId: 1, currentIndex: 1, deviceIndexes: [0] };
  const keys = [{ keyId: { keyId }, keyData: { keyData, fingerprint, timestamp: Date.now() } }];
  return { type: Type.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys } };
}

function emptyHistory(): proto.Message.IProtocolMessage {
  const { HistorySyncType } = proto.HistorySync;
  const history = proto.HistorySync.encode({
    syncType: HistorySyncType.INITIAL_BOOTSTRAP,
    conversations: [],
  });
  return {
    type: Type.HISTORY_SYNC_NOTIFICATION,
    historySyncNotification: {
      syncType: proto.Message.HistorySyncType.INITIAL_BOOTSTRAP,
      progress: 100,
      chunkOrder: 1,
      initialHistBootstrapInlinePayload: deflateSync(history.finish()),
    },
  };
}
