/**
 * `npm run generate`: writes what follows from the tables of packages/protocol. With `--check` it writes nothing, names
 * the files that are out of date and fails if there are any.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RECORDING_SCHEMA } from '@hanabi/protocol';
import { capabilitiesPage } from './reference/capabilities-page.ts';
import { manifestSchema, messageSchemas, recordingSchema } from './reference/json-schemas.ts';
import { sdkBundle } from './reference/sdk-bundle.ts';
import {
  errorsPage,
  limitsPage,
  liveEventsPage,
  manifestPage,
  permissionsPage,
  recordingPage,
} from './reference/table-pages.ts';
import { inRoot } from './setup/paths.mjs';

const REFERENCE = 'docs/reference';
/** Modules that carry a copy of the SDK: they are what third parties copy, and have no build. */
const SDK_COPIES = [
  'examples/modules/thumbnails/ui/hanabi-sdk.js',
  'examples/modules/media-toolkit-worker/ui/hanabi-sdk.js',
  'examples/modules/demo-settings/ui/hanabi-sdk.js',
  'examples/modules/inventory-tracker/ui/hanabi-sdk.js',
  'examples/modules/nightly-report/ui/hanabi-sdk.js',
  'examples/modules/approval-flow/ui/hanabi-sdk.js',
  'examples/modules/heartbeat/ui/hanabi-sdk.js',
  'examples/modules/price-alert/ui/hanabi-sdk.js',
  'modules/image-viewer/ui/hanabi-sdk.js',
];

const wanted = await everything();
const surplus = filesBelow(REFERENCE).filter((file) => !wanted.has(file));
const stale = [...wanted].filter(([file, content]) => readIfThere(file) !== content).map(([file]) => file);

if (process.argv.includes('--check')) {
  for (const file of stale) console.error(`${file} is out of date; run "npm run generate"`);
  for (const file of surplus) console.error(`${file} is no longer generated; run "npm run generate"`);
  process.exitCode = stale.length + surplus.length > 0 ? 1 : 0;
} else {
  for (const file of stale) {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), wanted.get(file)!);
  }
  for (const file of surplus) rmSync(inRoot(file));
  console.log(`${wanted.size} files, ${stale.length} written, ${surplus.length} removed`);
}

async function everything(): Promise<Map<string, string>> {
  const files = new Map<string, string>([
    [`${REFERENCE}/capabilities.md`, capabilitiesPage()],
    [`${REFERENCE}/permissions.md`, permissionsPage()],
    [`${REFERENCE}/errors.md`, errorsPage()],
    [`${REFERENCE}/limits.md`, limitsPage()],
    [`${REFERENCE}/live-events.md`, liveEventsPage()],
    [`${REFERENCE}/manifest.md`, manifestPage()],
    [`${REFERENCE}/hanabi.module.schema.json`, pretty(manifestSchema())],
    [`${REFERENCE}/${RECORDING_SCHEMA}`, pretty(recordingSchema())],
    [`${REFERENCE}/recording.md`, recordingPage()],
  ]);
  for (const [name, schema] of messageSchemas()) files.set(`${REFERENCE}/schemas/${name}`, pretty(schema));
  const sdk = await sdkBundle();
  for (const file of SDK_COPIES) files.set(file, sdk);
  return files;
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readIfThere(file: string): string | undefined {
  return existsSync(inRoot(file)) ? readFileSync(inRoot(file), 'utf8') : undefined;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(inRoot(folder))) return [];
  return readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.posix.join(folder, path.relative(inRoot(folder), entry.parentPath), entry.name));
}
