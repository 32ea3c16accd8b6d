import { describe, expect, it } from 'vitest';
import { keyFileName, readKeyFileName, SIGNAL_KEY_TYPES } from '../../src/core/baileys/multi-file-names.ts';
import { SAMPLE_IDS } from './sample-keys.ts';

describe('file names of Baileys', () => {
  it('covers all types', () => {
    expect(Object.keys(SAMPLE_IDS).sort()).toEqual([...SIGNAL_KEY_TYPES].sort());
  });

  it.each(Object.entries(SAMPLE_IDS).flatMap(([type, ids]) => ids.map(id => [type, id] as const)))(
    '%s %s comes back from its file name',
    (type, id) => {
      expect(readKeyFileName(keyFileName(type, id))).toEqual({ type, id });
    },
  );

  it.each(['creds.json', 'app-state.json', 'pre-key-.json', 'session-1.0.json.tmp', 'notes.txt', 'x'])(
    '%s is not the file of a key',
    name => {
      expect(readKeyFileName(name)).toBeUndefined();
    },
  );
});
