/** Every backend that this machine has; what it lacks is skipped aloud. */
import { describe } from 'vitest';
import type { Sandbox } from '../src/index.ts';
import { createSandbox } from '../src/index.ts';
import { missingContainers, openContainers } from './container/docker.ts';
import { machine } from './test-sandbox.ts';

export interface Backend {
  name: string;
  /** Why it cannot run here. */
  missing: string | undefined;
  readonly open: (work_dir: string) => Promise<Sandbox>;
}

const bubblewrap = machine.ready ? undefined : machine.note;
const withoutForkServer = /without fork server \([^)]*\)/.exec(machine.note)?.[0];

/** A clone of a fork server for each job, or a bubblewrap for each. */
export const BUBBLEWRAP_FORMS: readonly Backend[] = [
  {
    name: 'fork server',
    missing: bubblewrap ?? withoutForkServer,
    open: (work_dir) => createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 4 }),
  },
  {
    name: 'bubblewrap pool',
    missing: bubblewrap,
    open: (work_dir) => createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 4, fork_server: false }),
  },
];

const ALL: readonly Backend[] = [
  ...BUBBLEWRAP_FORMS,
  { name: 'container', missing: missingContainers, open: (work_dir) => openContainers(work_dir) },
];

export function describeBackends(title: string, body: (backend: Backend) => void, backends = ALL): void {
  for (const backend of backends) {
    const { name, missing } = backend;
    const full = missing ? `${name}: ${title} (${missing})` : `${name}: ${title}`;
    describe.skipIf(missing !== undefined)(full, () => body(backend));
  }
}
