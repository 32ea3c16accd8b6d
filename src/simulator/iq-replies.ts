import type { BinaryNode } from '@whiskeysockets/baileys';
import { announceAppState } from './announcements.ts';
import type { Companion } from './companion.ts';
import type { GroupChat } from './device.ts';
import { bundleNodes, readSignedPreKey, readUpload } from './key-bundle-stanza.ts';
import { isSignedBy } from './signed-pre-key.ts';
import { child, childrenOf, firstChild, iqError, iqResult, stanza } from './stanza.ts';
import { answerUsync } from './usync.ts';
import type { World } from './world.ts';

type Answer = (request: BinaryNode, companion: Companion) => BinaryNode;

/** What must follow some answers; the rest of the protocol hangs on these moments. */
export interface IqEvents {
  /** The client declared itself active: time to announce the backlog. */
  onActive(companion: Companion): void;
  /** The client checked its keys on the server. */
  onDigested(companion: Companion): void;
  /** The client asked for the app state, the last thing it does before it counts its first login as complete. */
  onSynced(companion: Companion): void;
  /** The client logged itself out. */
  onRemoveRequested(companion: Companion): void;
}

/** Answers the questions of a client that is logged in. What it does not know gets an empty result. */
export function createIqReplies(world: World, events: IqEvents) {
  const answers: Readonly<Record<string, Answer>> = {
    'get encrypt count': (request, { shelf }) =>
      iqResult(request, stanza('count', { value: Math.max(shelf.available, world.preKeyFloor) })),
    'get encrypt digest': request => iqResult(request, stanza('digest')),
    'get encrypt key': request => iqResult(request, stanza('list', {}, requestedBundles(request, world))),
    'set encrypt registration': storeKeys,
    'set encrypt rotate': rotateSignedPreKey,
    'get usync usync': request => answerUsync(request, world.directory),
    'get abt props': request => iqResult(request, stanza('props')),
    'get blocklist': request => iqResult(request, stanza('list')),
    'get privacy privacy': request => iqResult(request, stanza('privacy', {}, PRIVACY)),
    'set w:sync:app:state sync': syncAppState,
    'set md remove-companion-device': removeCompanion,
    'get w:g2 participating': (request, { account }) =>
      iqResult(request, stanza('groups', {}, world.directory.groupsOf(account).map(groupNode))),
    'get w:g2 query': (request, companion) => groupMetadata(request, companion),
  };
  const followUps: Readonly<Record<string, (companion: Companion) => void>> = {
    'set passive active': events.onActive,
    'get encrypt digest': events.onDigested,
    'set w:sync:app:state sync': events.onSynced,
    'set md remove-companion-device': events.onRemoveRequested,
  };

  function storeKeys(request: BinaryNode, companion: Companion): BinaryNode {
    const upload = readUpload(request);
    world.detectors.observeIdentity(companion, upload);
    if (!isSignedBy(companion.identityKey, upload.signedPreKey)) return iqError(request, BAD_SIGNATURE);
    companion.signedPreKey = upload.signedPreKey;
    companion.shelf.store(upload.preKeys);
    return iqResult(request);
  }

  function rotateSignedPreKey(request: BinaryNode, companion: Companion): BinaryNode {
    const signedPreKey = readSignedPreKey(child(child(request, 'rotate'), 'skey'));
    if (!isSignedBy(companion.identityKey, signedPreKey)) return iqError(request, BAD_SIGNATURE);
    companion.signedPreKey = signedPreKey;
    world.observer.changed();
    return iqResult(request);
  }

  function syncAppState(request: BinaryNode, companion: Companion): BinaryNode {
    const { account } = companion;
    const answers = childrenOf(child(request, 'sync'), 'collection').map(asked => {
      const { name = '', version } = asked.attrs;
      world.detectors.observeAppState(companion, name, Number(version));
      const { answer, hasChanged } = account.appState.exchange(asked);
      if (hasChanged) announceAppState(account, name, companion);
      return answer;
    });
    return iqResult(request, stanza('sync', {}, answers));
  }

  /** A companion can only unlink itself; only the phone may unlink others. */
  function removeCompanion(request: BinaryNode, companion: Companion): BinaryNode {
    const { jid } = child(request, 'remove-companion-device')?.attrs ?? {};
    if (jid !== companion.jid) return iqError(request, { code: 403, text: 'forbidden' });
    return iqResult(request);
  }

  function groupMetadata(request: BinaryNode, companion: Companion): BinaryNode {
    const group = world.directory.groupOf(request.attrs.to ?? '');
    if (group?.members.includes(companion.account)) return iqResult(request, groupNode(group));
    return iqError(request, { code: 404, text: 'item-not-found' });
  }

  return (request: BinaryNode, companion: Companion): void => {
    if (request.attrs.type !== 'get' && request.attrs.type !== 'set') return;
    const subject = [request.attrs.type, request.attrs.xmlns, firstChild(request)?.tag];
    const key = subject.filter(part => part !== undefined).join(' ');
    const answer = answers[key]?.(request, companion) ?? iqResult(request);
    companion.send(answer);
    if (answer.attrs.type === 'result') followUps[key]?.(companion);
  };
}

/** Removed devices are left out: an error for one of them would fail the client's whole request. */
function requestedBundles(request: BinaryNode, { directory }: World): BinaryNode[] {
  return childrenOf(child(request, 'key'), 'user').flatMap(({ attrs: { jid = '' } }) => {
    const device = directory.deviceOf(jid);
    return device ? [stanza('user', { jid }, bundleNodes(device.takeBundle()))] : [];
  });
}

function groupNode({ jid, subject, members, createdAt }: GroupChat): BinaryNode {
  const seconds = Math.floor(createdAt / 1000);
  const attributes = { id: jid, subject, s_t: seconds, creation: seconds, creator: members[0]?.lid };
  const participants = members.map(({ lid, jid: pn }) =>
    stanza('participant', { jid: lid, phone_number: pn }),
  );
  return stanza('group', { ...attributes, addressing_mode: 'lid' }, participants);
}

const BAD_SIGNATURE = { code: 406, text: 'not-acceptable' };
const PRIVACY = ['readreceipts', 'last', 'online', 'profile', 'groupadd'].map(name =>
  stanza('category', { name, value: 'all' }),
);
