// Writes to one session as fast as it becomes durable, and notes on another disk what was acknowledged:
//   node power-loss-writer.mjs KIND FOLDER NOTES FIRST
import { openSync, writeSync } from 'node:fs';
import { openState, recordIds, textOf } from './power-loss-state.mjs';

const [kind, folder, notes, first] = process.argv.slice(2);
const notesFile = openSync(notes, 'a');
const note = text => writeSync(notesFile, `${text}\n`);

const { state, saveCreds } = await openState(kind, folder);
note(`open ${state.creds.registrationId}`);
for (let number = Number(first); ; number += 1) {
  note(`tried ${number}`);
  const record = { text: textOf(number) };
  await state.keys.set({ session: Object.fromEntries(recordIds(number).map(id => [id, record])) });
  note(`acknowledged ${number}`);
  if (number % 10 === 0) {
    state.creds.nextPreKeyId = number;
    await saveCreds();
    note(`creds ${number}`);
  }
}
