import type { LeftSession, RotationProgress } from '../../core/sealing/key-views.ts';
import type { KeyDesk } from './key-desk.ts';

export interface Rotation {
  readonly rewrapped: number;
  readonly current: number;
  readonly left: readonly LeftSession[];
}

/** Call after call until no session remains. `tell` hears how it stands between two of them. */
export async function rotateAll(
  desk: KeyDesk,
  tell: (progress: Pick<RotationProgress, 'rewrapped' | 'remaining'>) => void,
): Promise<Rotation> {
  let [rewrapped, current] = [0, 0];
  // A store that is away is told of by every call.
  const left = new Map<string, LeftSession>();
  let progress: RotationProgress | undefined;
  do {
    progress = await desk.rotate(progress?.endCursor);
    rewrapped += progress.rewrapped;
    current += progress.current;
    for (const one of progress.left) left.set(one.message, one);
    if (progress.remaining > 0) tell({ rewrapped, remaining: progress.remaining });
  } while (progress.remaining > 0);
  return { rewrapped, current, left: [...left.values()] };
}
