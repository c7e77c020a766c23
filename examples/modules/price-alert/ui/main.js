import { createHanabiClient, HanabiError } from './hanabi-sdk.js';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const shown_max = 20;
const look_every_ms = 5000;

for (const action of ['start', 'stop', 'tick']) {
  part(action).addEventListener('click', () => void attempt(async () => show(await hanabi.services[action]())));
}
// Not a form: the frame of a module sends none.
part('keep').addEventListener('click', () => void attempt(keep));

setInterval(() => void attempt(look), look_every_ms);
await attempt(async () => {
  const { state } = await hanabi.services.state();
  const { low, high } = JSON.parse(state.band ?? '{}');
  part('low').value = low ?? '';
  part('high').value = high ?? '';
  await look();
});

async function keep() {
  const [low, high] = [part('low').valueAsNumber, part('high').valueAsNumber];
  if (!(low < high)) throw new Error('A band has a lower end and a higher one.');
  await hanabi.services.setState('band', { low, high });
  part('kept').textContent = `The band is kept: ${low} to ${high}.`;
}

async function look() {
  show(await hanabi.services.status());
  const { entries } = await hanabi.services.log({ limit: shown_max });
  part('log').replaceChildren(...entries.toReversed().map(logItem));
}

function show({ state, next_tick_at }) {
  const next = next_tick_at ? `, looks again at ${new Date(next_tick_at).toLocaleTimeString()}` : '';
  part('state').textContent = `${state}${next}`;
  const on = state === 'running' || state === 'waiting';
  part('start').disabled = on;
  part('stop').disabled = !on;
  part('tick').disabled = state !== 'running';
}

function logItem({ at, level, message }) {
  const entry = document.createElement('li');
  const text = document.createElement('span');
  const small = document.createElement('small');
  text.textContent = message;
  small.textContent = `${new Date(at).toLocaleTimeString()} ${level}`;
  text.append(small);
  entry.append(text);
  return entry;
}

/** Runs a step; when it fails, says why with the code that can be looked up. */
async function attempt(step) {
  try {
    await step();
    part('problem').textContent = '';
  } catch (error) {
    part('problem').textContent = error instanceof HanabiError ? `${error.message} (${error.code})` : error.message;
  }
}
