import { LIMITS, type Manifest, WORKER_TIERS } from '@hanabi/protocol';
import { type Sandbox, WorkflowProcess } from '@hanabi/sandbox';
import { newId } from '../ids.ts';
import type { ModuleLibraries } from '../modules/libraries.ts';

export interface OpenParts {
  libraries: ModuleLibraries;
  sandbox: Sandbox;
}

/** Their processor time does not run out; that of one activation does. */
const LIMITS_OF_PROCESS = { ...WORKER_TIERS.standard, cpu_ms_max: 10 * 365 * 24 * 3600 * 1000, processes_max: 8 };

/** A sealed process with the workflows of a package. `entry`: their file, below it. */
export async function openProcess(
  { libraries, sandbox }: OpenParts,
  { manifest, package_dir }: { manifest: Manifest; package_dir: string },
  entry: string,
  signal: AbortSignal,
): Promise<WorkflowProcess> {
  const layer_dir = await libraries.layerOf(manifest, signal);
  const session = await sandbox.openService(
    { id: newId(), profile: 'workflow', module_dir: package_dir, entry, limits: LIMITS_OF_PROCESS, layer_dir },
    signal,
  );
  return new WorkflowProcess(session, LIMITS.workflow_task_ms_max);
}
