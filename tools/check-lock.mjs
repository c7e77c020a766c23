/** Lock files must be such that `npm ci` accepts them, and may name no registry: a mirror has to do as well. */
import { readFileSync } from 'node:fs';
import { inRoot } from './setup/paths.mjs';
import { run } from './setup/run.mjs';

for (const folder of ['', 'tools/temporal/']) {
  /** @type {{ packages: Record<string, { resolved?: string, link?: boolean }> }} */
  const lock = JSON.parse(readFileSync(inRoot(`${folder}package-lock.json`), 'utf8'));
  const named = Object.entries(lock.packages).filter(([, entry]) => entry.resolved && !entry.link);
  for (const [place, { resolved }] of named) console.error(`${folder}package-lock.json: ${place} names ${resolved}`);

  const { code, output } = await run('npm', ['ci', '--dry-run', '--ignore-scripts', '--prefix', inRoot(folder)]);
  if (code !== 0) console.error(`npm ci does not accept ${folder}package-lock.json:\n${output}`);
  if (named.length > 0 || code !== 0) process.exitCode = 1;
}
