import type { Permission } from '@hanabi/protocol';
import { type Db } from '../../src/storage/db.ts';
import { grant } from './grant.ts';
import { makeModule } from './make-module.ts';

/** A server’s settings with a module of workflows, which is granted what it needs. */
export async function workflowModule(id: string, program: string, permissions: Permission[] = []) {
  const dir = await makeModule({
    id,
    permissions: ['worker.workflow', ...permissions],
    files: { 'workflow/main.py': program },
    manifest: { entrypoints: { ui: 'ui/index.html', workflow: 'workflow/main.py' } },
  });
  return {
    env: { HANABI_MODULE_DIRS: dir, HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
    prepare: (db: Db) => grant(db, id, ['worker.workflow']),
  };
}
