/** `npm run check:imports`: fails when an import is not one of the arrows in tools/imports/rooms.ts. */
import { readFileSync } from 'node:fs';
import { checkArrows } from './imports/check-arrows.ts';
import { inRoot } from './setup/paths.mjs';
import { sourceFiles } from './source-files.ts';

const files = sourceFiles(['.ts', '.mts', '.js', '.mjs', '.svelte']);
const problems = files.flatMap((file) => checkArrows(file, readFileSync(inRoot(file), 'utf8')));
for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${problems.length} imports without an arrow`);
process.exitCode = problems.length > 0 ? 1 : 0;
