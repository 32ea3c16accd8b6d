import { expect, it } from 'vitest';
import { decodeValue, encodeValue } from '../../../src/core/fleet/bus-values.ts';
import { qrCode, sessionView, statusChange, textMessage } from '../../app/fake-sessions.ts';

const at = new Date('2026-03-04T05:06:07.089Z');
const full = sessionView('shop', {
  statusReason: { code: 'CONNECTION_LOST', message: 'It was lost.', rawCode: 428, retryAt: at },
  degraded: { code: 'POSSIBLY_BEHIND', message: 'It may be.' },
  phoneNumber: '+15550001',
  jid: '15550001@s.whatsapp.net',
  lid: '1@lid',
  displayName: 'Zoë 🐟',
  qr: qrCode('2@abc'),
  heldBy: 'blue',
  lastConnectedAt: at,
});

it.each([
  ['a session', full],
  ['a status change', { ...statusChange(full), previous: 'CONNECTING', reason: full.statusReason }],
  ['a message', textMessage('shop', '{"$at":5} \u2028 "quoted"')],
  ['copies', [{ store: 'file', state: 'BEHIND', epoch: 3, behindBy: 2, lastSyncedAt: at }]],
  ['history', { events: [{ id: 'E1', at, status: 'CONNECTED', server: 'one' }], hasNextPage: true }],
  ['a pairing code', { code: 'ABCD1234', expiresAt: at, session: full }],
  ['a deletion', { deletedFrom: ['file'], pendingIn: [], unlinked: true }],
  ['nothing', { value: null }],
])('%s arrives as it was sent, dates and all', (_, value) => {
  expect(decodeValue(encodeValue(value))).toStrictEqual(value);
});

it('fields of another version pass, and what is absent stays absent', () => {
  const newer = { ...full, mood: { since: at }, lid: undefined };
  const { lid: _, ...rest } = newer;
  expect(decodeValue(encodeValue(newer))).toStrictEqual(rest);
});

it('bytes that are none of ours are refused', () => {
  expect(() => decodeValue(Buffer.from('{"kind":'))).toThrow(SyntaxError);
});
