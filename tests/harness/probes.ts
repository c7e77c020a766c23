/** Modules of the browser tests: empty pages whose scripts the tests themselves write. */
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

export const PROBES: ModuleWish[] = [
  {
    id: 'probe-one',
    permissions: [...EVERYDAY, 'files.read.all'],
    files: { 'ui/index.html': PAGE, 'ui/elsewhere.html': PAGE },
  },
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
];
