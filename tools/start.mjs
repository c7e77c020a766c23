/**
 * `npm start`: everything between a fresh clone and a running desktop. It uses what Node.js brings and nothing else,
 * for nothing else is installed yet, and it never asks a question.
 */
import { pathToFileURL } from 'node:url';
import { nodeVersionProblem } from './setup/node-version.mjs';
import { installDependencies } from './setup/install.mjs';
import { inRoot } from './setup/paths.mjs';
import { runOrExplain, SetupError } from './setup/run.mjs';
import { chooseSandbox } from './setup/sandbox-choice.mjs';
import { staleTargets } from './bundle/targets.mjs';
import { step } from './setup/steps.mjs';

try {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem) throw new SetupError(problem);
  await installDependencies();
  await buildIfStale();
  const sandbox = await chooseSandbox(process.env['HANABI_WORKER_SANDBOX_BACKEND']);
  if (sandbox.advice) console.log(sandbox.advice);
  process.env['HANABI_WORKER_SANDBOX_BACKEND'] = sandbox.backend;
  process.env['HANABI_DATA_DIR'] ||= inRoot('data');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.explain()}`);
  process.exit(1);
}

// The set-up becomes the server's supervisor: no second process that would have to pass on signals and exit codes.
await import(pathToFileURL(inRoot('apps/server/dist/main.js')).href);

async function buildIfStale() {
  const stale = staleTargets();
  if (stale.length === 0) return;
  const names = stale.map((target) => target.name).join(', ');
  const advice =
    'If you changed the sources, mend what is named above. Otherwise try "npm ci" and then "npm start" again.';
  await step({ doing: `Building ${names}`, done: `Built ${names}` }, () =>
    runOrExplain(process.execPath, [inRoot('tools/build.mjs')], advice),
  );
}
