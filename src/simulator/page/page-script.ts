/** Runs in the browser. Whatever a client sent is only ever set as text. */
export const PAGE_SCRIPT = `
'use strict';
const at = id => document.getElementById(id);

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function fill(id, entries, show, empty) {
  const items = entries.map(show);
  at(id).replaceChildren(...(items.length ? items : [element('li', empty, 'none')]));
}

function line(when, title, detail, className) {
  const item = element('li', undefined, className);
  item.append(element('time', new Date(when).toTimeString().slice(0, 8)), element('strong', title));
  if (detail) item.append(element('span', detail));
  return item;
}

function deviceItem(device) {
  const item = element('li');
  const button = element('button', 'Unlink', 'quiet');
  button.onclick = () => post('/kick', { jid: device.jid }, button);
  const status = device.status + (device.queued ? ', ' + device.queued + ' queued' : '');
  item.append(element('code', device.jid), element('span', status, device.status), button);
  return item;
}

function messageItem(message) {
  const place = message.isGroup ? 'in the group' : message.direction === 'sent' ? 'to the phone' : 'to the contact';
  return line(message.at, message.text, place + ' · ' + message.fate, message.direction);
}

const newestFirst = entries => entries.toReversed();

function show(state) {
  for (const id of ['url', 'phone', 'contact', 'group']) at(id).textContent = state[id];
  at('codes').replaceChildren(...state.codeRequests.map(({ number, platform }) =>
    element('li', platform + ' shows a pairing code for +' + number)));
  fill('devices', state.devices, deviceItem, 'No device is linked.');
  fill('messages', newestFirst(state.messages), messageItem, 'Nothing was sent yet.');
  fill('reports', newestFirst(state.reports), report =>
    line(report.at, report.kind, report.deviceJid + ' · ' + report.detail, 'alarm'), 'Nothing to report.');
  fill('events', newestFirst(state.events), event =>
    line(event.at, event.kind, [event.deviceJid || 'a client', event.detail].filter(Boolean).join(' · ')),
    'Nobody has connected yet.');
}

let hide;
function complain(problem) {
  const box = at('problem');
  box.textContent = problem[0].toUpperCase() + problem.slice(1) + '.';
  box.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => { box.hidden = true; }, 6000);
}

async function post(path, body, button) {
  button.disabled = true;
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    at('problem').hidden = true;
    if (!answer.ok) complain(await answer.text());
    return answer.ok;
  } catch {
    complain('the simulator does not answer');
    return false;
  } finally {
    button.disabled = false;
  }
}

for (const form of document.forms) {
  form.onsubmit = async event => {
    event.preventDefault();
    const button = event.submitter;
    const text = new FormData(form).get('text');
    if (await post(button.dataset.post || form.dataset.post, { text }, button)) form.reset();
  };
}

const events = new EventSource('/events');
const live = (text, className) => { at('live').textContent = text; at('live').className = className; };
events.onopen = () => live('live', 'on');
events.onerror = () => live('not connected', '');
events.onmessage = ({ data }) => show(JSON.parse(data));
`;
