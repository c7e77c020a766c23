import { base64ToBytes, createHanabiClient, HanabiError } from './hanabi-sdk.js';
import { createZoom } from './zoom.js';

const PICTURES = ['png', 'jpg', 'jpeg', 'gif', 'webp', 'avif', 'bmp'];

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const stage = part('stage');
const message = part('message');
const zoom = createZoom(stage, showZoom);
let address = '';

part('zoom-in').addEventListener('click', zoom.closer);
part('zoom-out').addEventListener('click', zoom.further);
part('fit').addEventListener('click', zoom.toggle);
part('open').addEventListener('click', () => void attempt(chooseFile));

const keys = { '+': zoom.closer, '=': zoom.closer, '-': zoom.further, 0: zoom.fit, 1: zoom.toggle };
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

await attempt(async () => {
  const { openedFile } = await hanabi.getContext();
  if (openedFile) await show(openedFile);
  else say('No picture is open. Choose one of your files with “Open…”.');
});

async function chooseFile() {
  const { file } = await hanabi.pickUserFile(PICTURES);
  if (file) await show(file);
}

async function show({ id, name }) {
  part('name').textContent = name;
  part('facts').textContent = '';
  say(`Opening ${name}…`);
  const { bytesB64, mime_type } = await hanabi.readFile(id);
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([base64ToBytes(bytesB64)], { type: mime_type }));
  const picture = new Image();
  picture.src = address;
  picture.alt = name;
  try {
    await picture.decode();
  } catch {
    return say(`${name} cannot be shown: its content is not a picture that this browser knows.`);
  }
  message.textContent = '';
  stage.append(picture);
  stage.tabIndex = 0;
  part('facts').textContent = `${picture.naturalWidth} × ${picture.naturalHeight} pixels`;
  part('tools').hidden = false;
  zoom.show(picture);
}

function showZoom(scale, fits) {
  part('zoom').textContent = `${Math.round(scale * 100)} %`;
  part('fit').setAttribute('aria-pressed', String(fits));
}

/** Puts a sentence on the stage, in place of the picture. */
function say(text) {
  stage.querySelector('img')?.remove();
  stage.removeAttribute('tabindex');
  part('tools').hidden = true;
  zoom.show(undefined);
  message.textContent = text;
}

async function attempt(step) {
  try {
    await step();
  } catch (error) {
    say(error instanceof HanabiError ? `${error.message} (${error.code})` : `Something went wrong: ${String(error)}`);
  }
}
