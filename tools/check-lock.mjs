/** The lock file must be one that `npm ci` accepts, and may name no registry: a mirror has to do as well. */
import { readFileSync } from 'node:fs';
import { inRoot } from './setup/paths.mjs';
import { run } from './setup/run.mjs';

/** @type {{ packages: Record<string, { resolved?: string, link?: boolean }> }} */
const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
const named = Object.entries(lock.packages).filter(([, entry]) => entry.resolved && !entry.link);
for (const [place, { resolved }] of named) console.error(`package-lock.json: ${place} names ${resolved}`);

const { code, output } = await run('npm', ['ci', '--dry-run', '--ignore-scripts']);
if (code !== 0) console.error(`npm ci does not accept package-lock.json:\n${output}`);
process.exitCode = named.length > 0 || code !== 0 ? 1 : 0;
