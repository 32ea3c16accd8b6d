import { expect, it } from 'vitest';
import { type LeaseStore, ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, stateOf, valuesOf } from '../../contract/sample-changes.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { withServer } from './tidb-store-subject.ts';

const ID = 'personal';
/** Or who claims a copy that somebody claimed meanwhile would change its head. */
const STOPPED = { now: () => 0 };
const leasesOf = (store: SessionStore) => store.leases as LeaseStore;

describeWithSql('two clients of the tidb store', service => {
  const scene = useTidbScene(service);

  it('of two changes at one position exactly one lands, whole, 100 times', async () => {
    const sent: string[] = [];
    const open = () => scene.open({ clock: STOPPED, onStatement: statement => sent.push(statement) });
    const [left, right] = await Promise.all([open(), open()]);
    for (let round = 0; round < 100; round += 1) {
      const base = round ? headAt(1, round) : ORIGIN;
      const head = headAt(1, round + 1);
      const rival = (who: string) => ({
        ...changeOf(ID, base, head, { a: who, b: who, [`${who}:${round}`]: who }),
        head: { ...head, digest: who },
      });
      sent.length = 0;
      const calls = [left.applyChange(rival('left')), right.applyChange(rival('right'))];
      const outcomes = await Promise.allSettled(calls);
      // Both knew the head and sent the one guarded statement; the loser asked why not.
      if (round > 0) expect(sent.filter(statement => statement === 'START TRANSACTION')).toHaveLength(1);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const winner = outcomes[0]?.status === 'fulfilled' ? 'left' : 'right';
      const values = await valuesOf(left, ID);
      expect(values).toMatchObject({ a: winner, b: winner, [`${winner}:${round}`]: winner });
      expect(Object.keys(values ?? {})).toHaveLength(round + 3);
      // The loser learns the head of the winner.
      const loser = winner === 'left' ? right : left;
      await loser.applyChange({ ...rival(winner), head: { ...head, digest: winner } });
      await (winner === 'left' ? left : right).applyChange(rival(winner));
    }
  });

  it('a writer that was replaced lands nothing, whatever it still believes', async () => {
    const [zombie, owner] = await Promise.all([scene.open(), scene.open()]);
    await zombie.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1' }));
    await zombie.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'c2' }));
    // A new owner claims the copy as it stands: only the fence moves.
    await owner.applyChange(changeOf(ID, headAt(1, 1), headAt(1, 2), {}, { fence: 2 }));
    const before = await stateOf(owner, ID);
    const late = changeOf(ID, headAt(1, 2), headAt(1, 3), { creds: 'late', key: 'late' });
    expect(await codeOf(zombie.applyChange(late))).toBe('STORE_FENCED');
    expect(await codeOf(zombie.applyChange(late))).toBe('STORE_FENCED');
    expect(await stateOf(owner, ID)).toEqual(before);
    await owner.applyChange(changeOf(ID, headAt(1, 2), headAt(2, 3), { creds: 'c3' }));
    expect(await codeOf(zombie.applyChange(late))).toBe('STORE_FENCED');
    expect(await valuesOf(owner, ID)).toEqual({ creds: 'c3' });
  });

  it('nor where the head was damaged beside its bytes, and only its fence could be raised', async () => {
    const open = () => scene.open({ clock: STOPPED });
    const [early, late, owner] = await Promise.all([open(), open(), open()]);
    const onHead = (statement: string) =>
      withServer(service, async connection => {
        const heads = `${scene.database}.sessiongraph_entries`;
        const [rows] = await connection.query(statement.replace('HEADS', heads));
        return rows;
      });
    const move = (step: string) =>
      onHead(`UPDATE HEADS SET copy_generation = copy_generation ${step} WHERE generation = 0`);
    const first = changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1' });
    // Both know the head: the second one finds the change there.
    for (const zombie of [early, late]) await zombie.applyChange(first);
    const next = changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'late' });

    await move('+ 1');
    const damaged = await onHead('SELECT * FROM HEADS');
    expect(await codeOf(early.applyChange(next))).toBe('SESSION_CORRUPT');
    expect(await onHead('SELECT * FROM HEADS')).toEqual(damaged);

    const { epoch } = await leasesOf(owner).acquireLease({ sessionId: ID, holder: 'owner', above: 1 });
    await move('- 1');
    const mended = await onHead('SELECT * FROM HEADS');
    expect(mended).toContainEqual(expect.objectContaining({ fence: epoch }));
    expect(await codeOf(late.applyChange(next))).toBe('STORE_FENCED');
    expect(await onHead('SELECT * FROM HEADS')).toEqual(mended);
  });

  it('a change upon a head that is gone is refused, not begun in the middle', async () => {
    const store = await scene.open();
    const other = await scene.open();
    await store.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1', key: 'k' }));
    await withServer(service, connection =>
      connection.query(`DELETE FROM ${scene.database}.sessiongraph_entries`),
    );
    const next = changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'c2' });
    expect(await codeOf(store.applyChange(next))).toBe('STORE_STALE');
    expect(await other.readHead(ID)).toBeUndefined();
  });
});
