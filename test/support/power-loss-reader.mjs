// Says as JSON what a session holds after the power came back: node power-loss-reader.mjs KIND FOLDER
import { GROUPS, openState, recordIds, textOf } from './power-loss-state.mjs';

const [kind, folder] = process.argv.slice(2);
const { state, close } = await openState(kind, folder);
const groups = [];
for (let group = 0; group < GROUPS; group += 1) {
  const ids = recordIds(group);
  const found = await state.keys.get('session', ids);
  groups.push(ids.map(id => numberIn(found[id])));
}
const { registrationId, nextPreKeyId } = state.creds;
console.log(JSON.stringify({ groups, registrationId, nextPreKeyId }));
await close();

/** 0 where there is no record; -1 where it is not what was written. */
function numberIn(record) {
  if (!record) return 0;
  const number = Number.parseInt(record.text, 10);
  return record.text === textOf(number) ? number : -1;
}
