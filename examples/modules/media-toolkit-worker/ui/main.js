import { createFileList } from './file-list.js';
import { createHanabiClient, HanabiError } from './hanabi-sdk.js';
import { showResults } from './results.js';

const MEDIA = ['mp4', 'mov', 'mkv', 'webm', 'avi', 'mp3', 'wav', 'flac', 'ogg', 'm4a'];
const FORMAT_SETTING = 'format';
const UNGRANTED =
  'An administrator has to grant the media tools first: npx hanabi module grant media-toolkit-worker worker.native';

const hanabi = createHanabiClient();
const part = (id) => document.getElementById(id);
const files = createFileList(part('files'), updateStart);
let converting = false;

on('choose', 'click', chooseFile);
on('refresh', 'click', listImports);
on('format', 'change', rememberFormat);
on('show-folder', 'click', () => hanabi.openFolder('output'));
// A click and not a form: the frame of a module may not submit any.
on('start', 'click', convert);

await attempt(async () => {
  const { openedFile, permissions } = await hanabi.getContext();
  if (!permissions.includes('worker.native')) part('status').textContent = UNGRANTED;
  if (openedFile) files.add(openedFile, true);
  await listImports();
  await recallFormat();
});

async function listImports() {
  const imports = await hanabi.pickFile(MEDIA);
  for (const file of imports.files) files.add(file, false);
  part('empty').hidden = files.count() > 0;
}

async function chooseFile() {
  const { file } = await hanabi.pickUserFile(MEDIA);
  if (!file) return;
  files.add(file, true);
  part('empty').hidden = true;
}

async function recallFormat() {
  const format = String(await hanabi.getSetting(FORMAT_SETTING));
  if ([...part('format').options].some((option) => option.value === format)) part('format').value = format;
  showWidth();
}

async function rememberFormat() {
  showWidth();
  await hanabi.setSetting(FORMAT_SETTING, part('format').value);
}

/** Sound has no width. */
function showWidth() {
  part('width').disabled = part('format').value === 'mp3';
}

async function convert() {
  const inputs = files.selectedIds();
  if (converting) return;
  if (inputs.length === 0) {
    part('status').textContent = 'Tick a file first.';
    return;
  }
  const options = { format: part('format').value, width_px: Number(part('width').value) };
  setConverting(true);
  showProgress(0, 'Starting…');
  try {
    const { job } = await hanabi.createJob(options, inputs, (progress) =>
      showProgress(progress.progressPct, progress.message),
    );
    await finish(job.outputs);
  } finally {
    setConverting(false);
  }
}

async function finish(outputs) {
  const message = outputs.length === 1 ? '1 file is ready.' : `${outputs.length} files are ready.`;
  part('status').textContent = message;
  part('results').hidden = false;
  const shown = showResults(hanabi, part('made'), outputs);
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
