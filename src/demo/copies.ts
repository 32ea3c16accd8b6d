import { setTimeout as pause } from 'node:timers/promises';
import type { Copy, SessionClient, SessionLook } from './session-client.ts';

const LOOK_AGAIN_MS = 20;

/** A copy is behind for as long as a change is on its way, and says so; waits for a moment when nothing is. */
export async function lookWhenInSync(session: SessionClient): Promise<SessionLook> {
  for (;;) {
    const look = await session.look();
    if (look.copies.every(({ state }) => state === 'IN_SYNC')) return look;
    await pause(LOOK_AGAIN_MS);
  }
}

export function drawCopies(copies: readonly Copy[]): string {
  const rows = [
    ['store', 'state', 'epoch', 'revision'],
    ...copies.map(({ store, state, epoch, revision }) => [store, state, epoch ?? '-', revision ?? '-']),
  ];
  return rows
    .map(row =>
      row
        .map(cell => cell.padEnd(18))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
