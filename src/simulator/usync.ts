import { type BinaryNode, isLidUser } from '@whiskeysockets/baileys';
import type { Account } from './device.ts';
import type { Directory } from './directory.ts';
import { bytesOf, child, childrenOf, iqResult, nowSeconds, stanza } from './stanza.ts';

/** Answers "what do you know of these users?": their devices, their LIDs, whether they exist. */
export function answerUsync(request: BinaryNode, directory: Directory): BinaryNode {
  const usync = child(request, 'usync');
  const query = child(usync, 'query');
  const asked = new Set(Array.isArray(query?.content) ? query.content.map(({ tag }) => tag) : []);
  const users = childrenOf(child(usync, 'list'), 'user').flatMap(user => {
    const number = bytesOf(child(user, 'contact')).toString().replace('+', '');
    const jid = user.attrs.jid ?? `${number}@s.whatsapp.net`;
    const account = directory.accountOf(jid);
    return account ? [stanza('user', { jid }, answersOn(account, jid, asked))] : [unknownUser(jid, asked)];
  });
  return iqResult(request, stanza('usync', {}, [stanza('result'), stanza('list', {}, users)]));
}

function answersOn(account: Account, jid: string, asked: Set<string>): BinaryNode[] {
  const answers: BinaryNode[] = [];
  if (asked.has('devices')) answers.push(devicesNode(account));
  // Without it Baileys can fetch no keys for a number. Who asked by LID knows it already.
  if (asked.has('lid') && !isLidUser(jid)) answers.push(stanza('lid', { val: account.lid }));
  if (asked.has('contact')) answers.push(stanza('contact', { type: 'in' }));
  return answers;
}

const unknownUser = (jid: string, asked: Set<string>) =>
  stanza('user', { jid }, asked.has('contact') ? [stanza('contact', { type: 'out' })] : []);

/** A device other than the phone is left out by the client unless it has a key index. */
function devicesNode(account: Account): BinaryNode {
  const devices = [...account.devices.keys()].map(id =>
    stanza('device', { id, 'key-index': id || undefined }),
  );
  return stanza('devices', {}, [
    stanza('device-list', {}, devices),
    stanza('key-index-list', { ts: nowSeconds() }),
  ]);
}
