import { createFileList } from './file-list.js';
import { createHanabiClient, HanabiError } from './hanabi-sdk.js';
import { showResults } from './results.js';

const PICTURES = ['jpg', 'jpeg', 'png', 'webp', 'gif'];
const SIZE_SETTING = 'size_px';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const files = createFileList(part('files'), updateStart);
let converting = false;

on('choose', 'click', chooseFile);
on('refresh', 'click', listImports);
on('size', 'change', rememberSize);
on('show-folder', 'click', () => hanabi.openFolder('output'));
// A click and not a form: the frame of a module may not submit any.
on('start', 'click', convert);

await attempt(async () => {
  const { openedFile } = await hanabi.getContext();
  if (openedFile) files.add(openedFile, true);
  await listImports();
  await recallSize();
});

async function listImports() {
  const imports = await hanabi.pickFile(PICTURES);
  for (const file of imports.files) files.add(file, false);
  part('empty').hidden = files.count() > 0;
}

async function chooseFile() {
  const { file } = await hanabi.pickUserFile(PICTURES);
  if (!file) return;
  files.add(file, true);
  part('empty').hidden = true;
}

async function recallSize() {
  const size = String(await hanabi.getSetting(SIZE_SETTING));
  const known = [...part('size').options].some((option) => option.value === size);
  if (known) part('size').value = size;
}

async function rememberSize() {
  await hanabi.setSetting(SIZE_SETTING, Number(part('size').value));
}

async function convert() {
  const inputs = files.selectedIds();
  if (converting) return;
  if (inputs.length === 0) {
    part('status').textContent = 'Tick a picture first.';
    return;
  }
  setConverting(true);
  showProgress(0, 'Starting…');
  try {
    const { job } = await hanabi.createJob({ size_px: Number(part('size').value) }, inputs, (progress) =>
      showProgress(progress.progressPct, progress.message),
    );
    await finish(job.outputs);
  } finally {
    setConverting(false);
  }
}

async function finish(outputs) {
  const message = outputs.length === 1 ? '1 thumbnail is ready.' : `${outputs.length} thumbnails are ready.`;
  part('status').textContent = message;
  part('results').hidden = false;
  const shown = showResults(hanabi, part('thumbnails'), outputs);
  await hanabi.notify(message, { tone: 'success' });
  await shown;
}

function setConverting(begins) {
  converting = begins;
  part('progress').hidden = !begins;
  if (begins) part('status').textContent = '';
  updateStart();
}

function showProgress(percent, message) {
  const bar = part('bar');
  bar.value = percent;
  bar.labels[0].textContent = `${message || 'Converting'} (${Math.round(percent)} %)`;
}

function updateStart() {
  // Not "disabled", which would take the focus away from whoever pressed it.
  part('start').setAttribute('aria-disabled', String(converting || files.selectedIds().length === 0));
}

function on(id, type, step) {
  part(id).addEventListener(type, () => void attempt(step));
}

/** Runs a step; when it fails, says why with the code that can be looked up and what the worker printed. */
async function attempt(step) {
  part('problem').hidden = true;
  try {
    await step();
  } catch (error) {
    const failure =
      error instanceof HanabiError ? error : { code: '', message: `Something went wrong: ${String(error)}` };
    part('problem-code').textContent = failure.code;
    part('problem-message').textContent = failure.message;
    part('problem-log').textContent = failure.log ?? '';
    part('problem-details').hidden = !failure.log;
    part('problem').hidden = false;
  }
}
