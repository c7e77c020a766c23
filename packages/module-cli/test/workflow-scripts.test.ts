/** Scripts in the style of Temporal’s Python users, unchanged. Each ends with the lines that it prints: `# > …`. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleCommandLine } from './harness/bundle.ts';

const SCRIPTS = join(import.meta.dirname, 'workflow-scripts');
const run = promisify(execFile);

let bundle: string;
beforeAll(async () => {
  bundle = await bundleCommandLine('hanabi-workflow-scripts');
});
afterAll(() => rmSync(bundle));

it.each(readdirSync(SCRIPTS).filter((file) => file.endsWith('.py')))('%s', async (file) => {
  const { stdout } = await run(process.execPath, [bundle, 'workflow', 'run', file], { cwd: SCRIPTS });
  expect(stdout.trimEnd().split('\n')).toEqual(printedBy(readFileSync(join(SCRIPTS, file), 'utf8')));
});

function printedBy(script: string): string[] {
  return script.split('\n').flatMap((line) => (line.startsWith('# > ') ? line.slice('# > '.length) : []));
}
