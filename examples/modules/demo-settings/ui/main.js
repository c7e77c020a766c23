import { createHanabiClient } from './hanabi-sdk.js';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const radios = [...document.querySelectorAll('input[name="colour"]')];

/** Each setting: its key, what it is without one, and the control that shows it. Values may be any JSON. */
const SETTINGS = [
  { key: 'name', otherwise: '', ...field('name', 'value') },
  { key: 'words', otherwise: '', ...field('words-of-yours', 'value') },
  {
    key: 'colour',
    otherwise: 'lantern',
    controls: radios,
    read: () => radios.find((radio) => radio.checked)?.value,
    show: (value) => {
      for (const radio of radios) radio.checked = radio.value === value;
    },
  },
  { key: 'size_rem', otherwise: 1.5, ...field('size', 'valueAsNumber') },
  { key: 'centred', otherwise: false, ...field('centred', 'checked') },
];

function field(id, property) {
  const control = part(id);
  return {
    controls: [control],
    read: () => control[property],
    show: (value) => {
      control[property] = value;
    },
  };
}

for (const setting of SETTINGS) {
  for (const control of setting.controls) {
    control.addEventListener('input', () => {
      setting.touched = true;
      paint();
    });
    // "change" comes when the person is done with a field, and not at each key.
    control.addEventListener('change', () => void attempt(() => keep(setting)));
  }
}
part('forget').addEventListener('click', () => void attempt(forget));

await hanabi.getContext();
await attempt(recall);

/** `getSetting` gives the value alone; the message itself also says whether it is only what this browser remembers. */
async function recall() {
  const answers = await Promise.all(SETTINGS.map(({ key }) => hanabi.call('HANABI_GET_SETTING', { key })));
  for (const [index, { value }] of answers.entries()) {
    const { touched, show, otherwise } = SETTINGS[index];
    // Who was quicker than the answer keeps what they typed.
    if (!touched) show(value ?? otherwise);
  }
  part('stale').hidden = !answers.some(({ stale }) => stale);
  paint();
}

async function keep({ key, read }) {
  tell('Saving…');
  await hanabi.setSetting(key, read());
  part('stale').hidden = true;
  tell('Saved. It will be here wherever you sign in.');
}

async function forget() {
  // null removes a setting.
  for (const { key } of SETTINGS) await hanabi.setSetting(key, null);
  for (const { show, otherwise } of SETTINGS) show(otherwise);
  paint();
  tell('Forgotten.');
}

/** Shows the card as the controls say. */
function paint() {
  const [name, words, colour, size, centred] = SETTINGS.map(({ read }) => read());
  const card = document.querySelector('.card');
  part('greeting').textContent = name ? `Hello, ${name}` : 'Hello';
  part('words').textContent = words || 'This card looks the way you set it, on every computer you sign in on.';
  card.dataset.colour = colour;
  card.style.setProperty('--size', String(size));
  card.classList.toggle('centred', centred);
}

function tell(text) {
  part('status').textContent = text;
}

async function attempt(step) {
  part('problem').hidden = true;
  try {
    await step();
  } catch (error) {
    tell('');
    part('problem-code').textContent = error.code ?? '';
    part('problem-message').textContent = error.message;
    part('problem').hidden = false;
    // The settings themselves can still be shown.
    if (error.code === 'HANABI-V011') part('stale').hidden = false;
  }
}
