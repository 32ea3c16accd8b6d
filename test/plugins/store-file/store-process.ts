/** A process of its own on a data directory. `node store-process.js hold|write <directory>` */
import { writeSync } from 'node:fs';
import type { Change, Head } from '../../../src/core/store.ts';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';

const [mode, directory = '.'] = process.argv.slice(2);
const ID = 'busy';

// Not `console.log`: what was said before a kill has to have been said.
const say = (text: string) => writeSync(1, `${text}\n`);

const headAt = (revision: number): Head => ({ epoch: 1, revision, digest: `main@1.${revision}` });

/** Five entries of one revision, always the same five names: a torn change shows as two revisions in one state. */
function changeTo(revision: number): Change {
  const value = Buffer.alloc(400 + ((revision * 37) % 900), `${revision};`);
  const entries = Array.from({ length: 5 }, (_, index) => ({ name: `key:${index}`, value }));
  const base = revision === 1 ? { epoch: 0, revision: 0 } : { epoch: 1, revision: revision - 1 };
  return { sessionId: ID, fence: 1, base, head: headAt(revision), complete: true, entries };
}

async function main() {
  const store = await openFileStore({ name: 'file', directory });
  say('open');
  if (mode === 'hold') return process.on('message', () => store.close().then(() => process.exit()));
  const start = (await store.readHead(ID))?.revision ?? 0;
  for (let revision = start + 1; ; revision += 1) {
    await store.applyChange(changeTo(revision));
    say(`${revision}`);
    // Now and then all at once, so that the kill also meets a replacement and what it leaves.
    if (revision % 10 === 0) {
      const { entries } = (await store.loadSession(ID)) ?? { entries: [] };
      const head = headAt(revision);
      await store.replaceSession({ sessionId: ID, fence: 1, head, complete: true, deleted: false, entries });
    }
  }
}

main().catch(error => {
  say(`refused ${error.code}: ${error.message}`);
  process.exit(1);
});
