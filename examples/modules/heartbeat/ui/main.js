import { createHanabiClient, HanabiError } from './hanabi-sdk.js';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const shown_max = 20;
const look_every_ms = 3000;

for (const action of ['start', 'stop', 'tick']) {
  part(action).addEventListener('click', () => void attempt(async () => show(await hanabi.services[action]())));
}

setInterval(() => void attempt(look), look_every_ms);
await attempt(look);

async function look() {
  show(await hanabi.services.status());
  const { entries } = await hanabi.services.log({ limit: shown_max });
  part('log').replaceChildren(...entries.toReversed().map(logItem));
}

function show({ state, ticks, next_tick_at, last_error }) {
  const next = next_tick_at ? `, the next at ${new Date(next_tick_at).toLocaleTimeString()}` : '';
  const problem = state === 'failed' && last_error ? `: ${last_error.message}` : '';
  part('state').textContent = `${state}, ${ticks} ${ticks === 1 ? 'beat' : 'beats'}${next}${problem}`;
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
    part('problem').textContent = error instanceof HanabiError ? `${error.message} (${error.code})` : String(error);
  }
}
