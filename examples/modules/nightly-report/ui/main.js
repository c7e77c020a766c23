import { createHanabiClient, HanabiError } from './hanabi-sdk.js';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);

on('create', createSchedule);
on('now', reportNow);
on('refresh', showAll);
on('show-folder', () => hanabi.openFolder('output'));

await attempt(showAll);

async function createSchedule() {
  const [hour, minute] = part('time').value.split(':').map(Number);
  await hanabi.schedules.create({
    name: `Every night at ${part('time').value}`,
    // The clock on the wall of whoever asks, summer and winter.
    trigger: { cron: `${minute} ${hour} * * *`, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    inputRefs: await inputs(),
  });
  await showAll();
}

async function reportNow() {
  await hanabi.queue.enqueue({}, await inputs());
  await showAll();
}

async function inputs() {
  const { files } = await hanabi.pickFile(['csv']);
  return files.map(({ id }) => id);
}

async function showAll() {
  const count = (await inputs()).length;
  part('inputs').textContent = `${count} CSV ${count === 1 ? 'file' : 'files'} in Modules/Nightly Report/Imports.`;
  const { schedules } = await hanabi.schedules.list();
  part('schedules').replaceChildren(...schedules.map(scheduleItem));
  part('no-schedule').hidden = schedules.length > 0;
  const { jobs } = await hanabi.queue.list();
  part('reports').replaceChildren(...jobs.map(reportItem));
  part('no-report').hidden = jobs.length > 0;
}

function scheduleItem({ id, name, enabled, next_run_at, error }) {
  const next = next_run_at ? `next on ${new Date(next_run_at).toLocaleString()}` : 'stopped';
  return item(name, error ? `ended: ${error.message} (${error.code})` : next, [
    button(enabled ? 'Stop' : 'Go on', name, () => hanabi.schedules.toggle(id, !enabled)),
    button('Delete', name, () => hanabi.schedules.delete(id)),
  ]);
}

function reportItem({ id, state, created_at, queue_position, outputs, error }) {
  const title = outputs[0]?.name ?? new Date(created_at).toLocaleString();
  const place = queue_position ? `, number ${queue_position} in line` : '';
  const cancel = button('Cancel', title, () => hanabi.queue.cancel(id));
  return item(title, error ? `${error.message} (${error.code})` : state + place, state === 'queued' ? [cancel] : []);
}

function item(title, detail, buttons) {
  const entry = document.createElement('li');
  const text = document.createElement('span');
  const small = document.createElement('small');
  text.textContent = title;
  small.textContent = detail;
  text.append(small);
  entry.append(text, ...buttons);
  return entry;
}

function button(label, of, step) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = label;
  made.setAttribute('aria-label', `${label}: ${of}`);
  made.addEventListener('click', () => void attempt(step).then(() => attempt(showAll)));
  return made;
}

function on(id, step) {
  part(id).addEventListener('click', () => {
    part('problem').textContent = '';
    void attempt(step);
  });
}

/** Runs a step; when it fails, says why with the code that can be looked up. */
async function attempt(step) {
  try {
    await step();
  } catch (error) {
    part('problem').textContent = error instanceof HanabiError ? `${error.message} (${error.code})` : String(error);
  }
}
