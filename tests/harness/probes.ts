/** Modules of the browser tests: empty pages whose scripts the tests themselves write. */
import { readFileSync } from 'node:fs';
import type { Permission } from '@hanabi/protocol';
import type { ModuleWish } from '../../apps/server/test/harness/make-module.ts';

const EVERYDAY: Permission[] = [
  'files.read',
  'files.write',
  'settings.self',
  'notifications',
  'jobs.create',
  'jobs.emit_progress',
  'modules.use',
];

const PAGE = '<!doctype html><html lang="en"><title>probe</title><body>probe</body></html>';

/** Says what it was told, tells how far it is, and stays there for as long as it was told. */
const WORKS = `
import time
def run(inputs, options):
    print("it was told " + str(options.get("say")))
    yield {"pct": 30, "message": "a third"}
    time.sleep(float(options.get("seconds", 0)))
    if options.get("fails"):
        raise ValueError("as it was told")
    return {"made.txt": "made"}
`;

/** Uses the SDK, and keeps the names of the files that were dropped onto it. */
const TAKES_DROPS = `
import { createHanabiClient } from './hanabi-sdk.js';
const hanabi = createHanabiClient();
const told = [];
await hanabi.ready();
hanabi.onFilesDropped((files) => told.push(...files.map(({ name }) => name)));
Object.assign(window, { told });
`;
export const SDK = readFileSync(new URL('../../examples/modules/thumbnails/ui/hanabi-sdk.js', import.meta.url), 'utf8');

export const PROBES: ModuleWish[] = [
  {
    id: 'probe-drop',
    permissions: EVERYDAY,
    files: {
      'ui/index.html': PAGE.replace('</body>', '<script type="module" src="drop.js"></script></body>'),
      'ui/drop.js': TAKES_DROPS,
      'ui/hanabi-sdk.js': SDK,
    },
  },
  {
    id: 'probe-one',
    permissions: [...EVERYDAY, 'files.read.all'],
    files: { 'ui/index.html': PAGE, 'ui/elsewhere.html': PAGE },
  },
  {
    id: 'probe-desk',
    permissions: ['notifications', 'desktop.shortcuts', 'desktop.personalize'],
    files: { 'ui/index.html': PAGE },
  },
  {
    id: 'probe-endless',
    files: {
      'ui/index.html': PAGE.replace('</body>', '<script src="endless.js"></script></body>'),
      // A script that begins with the loop is what browsers refuse as JSON in disguise.
      'ui/endless.js': 'let turns = 0; for (;;) turns += 1;',
    },
  },
  { id: 'probe-lost', files: { 'ui/index.html': PAGE } },
  { id: 'probe-two', permissions: EVERYDAY, files: { 'ui/index.html': PAGE } },
  { id: 'probe-data', permissions: ['data.store', 'settings.self'], files: { 'ui/index.html': PAGE } },
  { id: 'probe-undeclared', files: { 'ui/index.html': PAGE } },
  {
    id: 'probe-talkative',
    permissions: [...EVERYDAY, 'worker.execute'],
    files: { 'ui/index.html': PAGE },
    worker:
      'def run(inputs, options):\n    for number in range(1000):\n        yield {"output": f"{number} "}\n    return {}\n',
  },
  // What one test is answered, the next would not be asked.
  ...['probe-asks', 'probe-asks-by-keys', 'probe-asks-apart', 'probe-asks-in-looks'].map(
    (id): ModuleWish => ({
      id,
      permissions: [...EVERYDAY, 'files.read.all'],
      files: { 'ui/index.html': PAGE },
      manifest: { portal: { permission_reasons: { 'files.read.all': 'It looks for lanterns in all your pictures' } } },
    }),
  ),
  {
    id: 'probe-browser',
    permissions: ['client.fullscreen', 'client.gamepad', 'client.pointerlock'],
    files: { 'ui/index.html': PAGE },
  },
  {
    id: 'probe-works',
    permissions: [...EVERYDAY, 'jobs.queue', 'jobs.schedule', 'worker.execute'],
    files: { 'ui/index.html': PAGE },
    worker: WORKS,
  },
];
