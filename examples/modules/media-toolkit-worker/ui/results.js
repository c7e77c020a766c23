/** What a job made, each with a player; a large video is streamed into it and never read as a whole. */

const PLAYERS = { 'audio/': 'audio', 'video/': 'video', 'image/': 'img' };

/** Replaces what the list shows. What cannot be played is named all the same. */
export async function showResults(hanabi, list, files) {
  const rows = files.map((file) => {
    const item = document.createElement('li');
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = file.name;
    figure.append(caption);
    item.append(figure);
    return { file, item, figure };
  });
  list.replaceChildren(...rows.map(({ item }) => item));
  await Promise.allSettled(rows.map(({ file, figure }) => addPlayer(hanabi, file, figure)));
}

async function addPlayer(hanabi, { id, name, mime_type }, figure) {
  const kind = Object.keys(PLAYERS).find((start) => mime_type.startsWith(start));
  if (!kind) return;
  const player = document.createElement(PLAYERS[kind]);
  if (kind === 'image/') player.alt = `Preview of ${name}`;
  else {
    player.controls = true;
    player.preload = 'metadata';
    player.setAttribute('aria-label', name);
  }
  const { url } = await hanabi.openMedia(id);
  player.src = url;
  figure.prepend(player);
}
