import { describe, expect, it } from 'vitest';
import type { SessionView, StatusChange } from '../src/core/sessions/session-views.ts';
import { createStoreTurns } from '../src/store-turns.ts';
import { deletionEvent, eventsOf, type KnownState, stateAfter, stateBefore } from '../src/webhook-events.ts';

const SELF = 'one';
const at = new Date(0);

function change(
  status: StatusChange['status'],
  more: Partial<SessionView> = {},
  code?: string,
): StatusChange {
  const session = { id: 'shop', status, linked: true, heldBy: SELF, createdAt: at, ...more } as SessionView;
  return { session, status, at, ...(code !== undefined && { reason: { code, message: 'why' } }) };
}

const known = (status: KnownState['status'], more: Partial<KnownState> = {}): KnownState => ({
  status,
  linked: true,
  heldBy: SELF,
  ...more,
});
const typesOf = (before: KnownState, after: StatusChange) => eventsOf(before, after, SELF).map(e => e.type);

describe('what a change of a session means', () => {
  it.each([
    ['CONNECTING', change('CONNECTED'), ['session.connected']],
    ['CONNECTED', change('RECONNECTING', {}, 'CONNECTION_LOST'), ['session.disconnected']],
    ['RECONNECTING', change('RECONNECTING', {}, 'CONNECTION_LOST'), []],
    ['CONNECTED', change('STOPPED'), ['session.disconnected']],
    ['CONNECTED', change('LOGGED_OUT', { linked: false }), ['session.disconnected', 'session.logged_out']],
    [
      'CONNECTED',
      change('RECONNECTING', {}, 'CONNECTION_REPLACED'),
      ['session.disconnected', 'session.taken_over'],
    ],
    ['CONNECTING', change('PAIRING', { linked: false }), ['session.qr_needed']],
    ['CONNECTED', change('STANDBY', { heldBy: 'two' }), ['session.taken_over']],
    ['STOPPED', change('CONNECTED', { heldBy: 'two' }), []],
  ] as const)('from %s', (before, after, types) => expect(typesOf(known(before), after)).toEqual(types));

  it('pairing, and not a session that was linked before anybody looked', () => {
    expect(typesOf(known('PAIRING', { linked: false }), change('RECONNECTING'))).toEqual(['session.paired']);
    const imported = { ...change('CONNECTED'), previous: 'CONNECTING' } as const;
    expect(typesOf(stateBefore(imported) as KnownState, imported)).toEqual(['session.connected']);
    expect(stateBefore(change('CONNECTED'))).toBeUndefined();
  });

  it('shows no code and no key, and has the same id on every server', () => {
    const paired = change('PAIRING', {
      linked: false,
      qr: { data: '2@secret', ordinal: 1, issuedAt: at, expiresAt: at },
    });
    const [event] = eventsOf(known('CONNECTING'), paired, SELF);
    expect(JSON.stringify(event)).not.toContain('2@secret');
    const here = deletionEvent('shop', stateAfter(change('CONNECTED')), new Date(1));
    const there = deletionEvent('shop', stateAfter(change('STANDBY')), new Date(2));
    expect(here.id).toBe(there.id);
    expect(deletionEvent('other', undefined, new Date(1)).id).not.toBe(here.id);
  });
});

it('whoever listens late is told of the stores that are down', () => {
  const turns = createStoreTurns();
  const heard: string[] = [];
  turns.note({ store: 'tidb', isUp: false });
  turns.note({ store: 'mongo', isUp: false });
  turns.note({ store: 'mongo', isUp: true });
  turns.listen(({ store, isUp }) => heard.push(`${store} ${isUp}`));
  turns.note({ store: 'tidb', isUp: true });
  expect(heard).toEqual(['tidb false', 'tidb true']);
});
