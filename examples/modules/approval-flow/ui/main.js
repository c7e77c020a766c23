import { createHanabiClient, HanabiError } from './hanabi-sdk.js';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const look_every_ms = 3000;

setInterval(() => void attempt(look), look_every_ms);
await attempt(look);

async function look() {
  const { files } = await hanabi.pickFile();
  const flows = await hanabi.workflows.list();
  const asked = new Set(flows.filter(({ state }) => state === 'running').map(({ id }) => id));
  const open = files.filter(({ id }) => !asked.has(id));
  part('files').replaceChildren(
    ...listed(
      open.map((file) => item(file.name, [['Ask', () => ask(file)]])),
      'None.',
    ),
  );
  const names = new Map(files.map(({ id, name }) => [id, name]));
  part('flows').replaceChildren(
    ...listed(
      flows.map((flow) => flowItem(flow, names)),
      'None was asked for.',
    ),
  );
}

function ask({ id, name }) {
  return hanabi.workflows.start({ workflow: 'Approval', id, args: [id, name] });
}

function flowItem({ id, state, started_at }, names) {
  const text = `${names.get(id) ?? id}: ${state}, since ${new Date(started_at).toLocaleString()}`;
  const decide = (decision) => () => hanabi.workflows.signal({ id, signal: 'decide', args: [decision] });
  return item(
    text,
    state === 'running'
      ? [
          ['Yes', decide('yes')],
          ['No', decide('no')],
        ]
      : [],
  );
}

function listed(items, none) {
  return items.length > 0 ? items : [item(none, [])];
}

function item(text, actions) {
  const entry = document.createElement('li');
  const label = document.createElement('span');
  label.textContent = text;
  entry.append(label);
  for (const [name, act] of actions) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.addEventListener(
      'click',
      () =>
        void attempt(async () => {
          await act();
          await look();
        }),
    );
    entry.append(button);
  }
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
