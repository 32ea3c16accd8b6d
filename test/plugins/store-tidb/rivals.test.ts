import { expect, it } from 'vitest';
import { type LeaseStore, ORIGIN, type SessionStore } from '../../../src/core/store.ts';
import { changeOf, codeOf, headAt, stateOf, valuesOf } from '../../contract/sample-changes.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { useTidbScene } from './tidb-scene.ts';
import { withServer } from './tidb-store-subject.ts';

const ID = 'personal';
const leasesOf = (store: SessionStore) => store.leases as LeaseStore;

describeWithSql('two clients of the tidb store', service => {
  const scene = useTidbScene(service);

  it('of two changes at one position exactly one lands, whole, 100 times', async () => {
    const [left, right] = await Promise.all([scene.open(), scene.open()]);
    for (let round = 0; round < 100; round += 1) {
      const base = round ? headAt(1, round) : ORIGIN;
      const head = headAt(1, round + 1);
      const rival = (who: string) => ({
        ...changeOf(ID, base, head, { a: who, b: who, [`${who}:${round}`]: who }),
        head: { ...head, digest: who },
      });
      // Every second round both know the head, so that both send the one guarded statement.
      const calls = [left.applyChange(rival('left')), right.applyChange(rival('right'))];
      const outcomes = await Promise.allSettled(calls);
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

  it('nor where the head is damaged beside its bytes, and only its fence could be raised', async () => {
    const [zombie, owner] = await Promise.all([scene.open(), scene.open()]);
    await zombie.applyChange(changeOf(ID, ORIGIN, headAt(1, 1), { creds: 'c1' }));
    const onHead = (statement: string) =>
      withServer(service, async connection => {
        const [rows] = await connection.query(
          statement.replace('HEADS', `${scene.database}.sessiongraph_entries`),
        );
        return rows;
      });
    await onHead('UPDATE HEADS SET copy_generation = copy_generation + 1 WHERE generation = 0');
    const { epoch } = await leasesOf(owner).acquireLease({ sessionId: ID, holder: 'owner', above: 1 });
    const before = await onHead('SELECT * FROM HEADS');
    expect(before).toContainEqual(expect.objectContaining({ fence: epoch }));
    const late = changeOf(ID, headAt(1, 1), headAt(1, 2), { creds: 'late' });
    expect(await codeOf(zombie.applyChange(late))).toBe('SESSION_CORRUPT');
    expect(await onHead('SELECT * FROM HEADS')).toEqual(before);
    expect(await codeOf(owner.readHead(ID))).toBe('SESSION_CORRUPT');
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
