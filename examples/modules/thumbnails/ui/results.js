/** The thumbnails that a job made, each with a small preview. */
import { base64ToBytes } from './hanabi-sdk.js';

/** Addresses of the previews on show; each keeps its bytes in memory until it is given back. */
let addresses = [];

/** Replaces what the list shows. A preview that cannot be read is left blank: the file is there all the same. */
export async function showResults(hanabi, list, files) {
  for (const address of addresses.splice(0)) URL.revokeObjectURL(address);
  const frames = files.map((file) => {
    const { figure, blank } = emptyFrame(file.name);
    const item = document.createElement('li');
    item.append(figure);
    return { file, item, blank };
  });
  list.replaceChildren(...frames.map(({ item }) => item));
  await Promise.allSettled(frames.map(({ file, blank }) => fillFrame(hanabi, file, blank)));
}

function emptyFrame(name) {
  const figure = document.createElement('figure');
  const blank = document.createElement('div');
  const caption = document.createElement('figcaption');
  blank.className = 'blank';
  caption.textContent = name;
  figure.append(blank, caption);
  return { figure, blank };
}

async function fillFrame(hanabi, { id, name }, blank) {
  const { mime_type, bytesB64 } = await hanabi.readFile(id);
  const address = URL.createObjectURL(new Blob([base64ToBytes(bytesB64)], { type: mime_type }));
  addresses.push(address);
  const picture = new Image();
  picture.alt = `Preview of ${name}`;
  picture.src = address;
  await picture.decode();
  blank.replaceWith(picture);
}
