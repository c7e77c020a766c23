/**
 * Which sandbox the server of a newcomer gets: bubblewrap when the machine has it or can get it, none otherwise.
 * What is missing is said in one line; which sandbox runs, the server says aloud at each start.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { installHint, installPackages, mayInstall, missingPackages } from './apt.mjs';
import { CACHE } from './paths.mjs';
import { writeStamp } from './stamp.mjs';
import { step } from './steps.mjs';

const NEEDED = ['bubblewrap', 'python3'];
/** What the Thumbnails example draws with, and what finds out that it is there. */
const FOR_EXAMPLES = ['python3-pil', 'python3-pip'];
const ALL = [...NEEDED, ...FOR_EXAMPLES];

/** After a failed try this long passes before another, so that an offline machine starts quickly. */
const RETRY_AFTER_MS = 24 * 3600 * 1000;
const FAILED = path.join(CACHE, 'apt-failed');

/**
 * @param {string | undefined} asked HANABI_WORKER_SANDBOX_BACKEND, when the operator set it
 * @returns {Promise<Choice>}
 */
export async function chooseSandbox(asked) {
  if (asked) return { backend: asked };
  if (missingPackages(ALL).length > 0 && mayInstall && !failedLately()) await install(missingPackages(ALL));
  return describeChoice(missingPackages(NEEDED), missingPackages(FOR_EXAMPLES));
}

/**
 * @typedef {object} Choice
 * @property {string} backend
 * @property {string} [advice] what to install; which sandbox there is the server says itself
 *
 * @param {readonly string[]} missing of what a sandbox needs
 * @param {readonly string[]} missingForExamples
 * @returns {Choice}
 */
export function describeChoice(missing, missingForExamples) {
  if (missing.length > 0) {
    const hint = installHint([...missing, ...missingForExamples]);
    return { backend: 'disabled', advice: `Workers cannot run yet; as root, then start again: ${hint}` };
  }
  if (missingForExamples.length > 0) {
    const advice = `The Thumbnails example needs a library; as root, then start again: ${installHint(missingForExamples)}`;
    return { backend: 'bubblewrap', advice };
  }
  return { backend: 'bubblewrap' };
}

/** @param {readonly string[]} packages */
async function install(packages) {
  const words = {
    doing: `Installing ${packages.join(', ')} with apt-get`,
    done: 'Looked for the sandbox with apt-get',
  };
  const { ok } = await step(words, () => installPackages(packages));
  if (!ok) writeStamp(FAILED, packages.join(' '));
}

function failedLately() {
  const stat = statSync(FAILED, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < RETRY_AFTER_MS;
}
