/**
 * `npm run check:docs`: links that lead nowhere, commands that do not exist, and examples that do not run
 * (```sh test and ```json file=PATH; see tools/docs/run-blocks.ts).
 */
import { readFileSync } from 'node:fs';
import { checkCommands } from './docs/check-commands.ts';
import { checkLinks } from './docs/check-links.ts';
import { runBlocks } from './docs/run-blocks.ts';
import { inRoot } from './setup/paths.mjs';
import { sourceFiles } from './source-files.ts';

const files = sourceFiles(['.md']);
const problems: string[] = [];
let examples = 0;
for (const file of files) {
  const markdown = readFileSync(inRoot(file), 'utf8');
  const run = runBlocks(file, markdown);
  examples += run.ran;
  problems.push(...checkLinks(file, markdown), ...checkCommands(file, markdown), ...run.problems);
}
for (const problem of problems) console.error(problem);
console.log(`${files.length} pages, ${examples} examples run, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
