import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ContainerSettings,
  containerSettings,
  createSandbox,
  type Sandbox,
  type SandboxStatus,
} from '@hanabi/sandbox';
import { UsageError } from './command.ts';

/** A sandbox for one command, gone with everything of it when the command ends, also when it is interrupted. */
export async function withSandbox<Result>(
  asked: string | undefined,
  use: (sandbox: Sandbox, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const backend = chosenBackend(asked);
  const container = backend === 'container' ? chosenContainer() : undefined;
  const cancel = new AbortController();
  const interrupt = () => cancel.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const work_dir = await mkdtemp(join(tmpdir(), 'hanabi-run-'));
  await chmod(work_dir, 0o711); // started by root, the sandbox runs as another user
  try {
    const sandbox = await createSandbox({
      backend,
      work_dir,
      jobs_max: 1,
      container,
      native_root: process.env['HANABI_WORKER_NATIVE_ROOT'],
    });
    try {
      return await use(sandbox, cancel.signal);
    } finally {
      await sandbox.close();
    }
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await rm(work_dir, { recursive: true, force: true });
  }
}

function chosenContainer(): ContainerSettings {
  try {
    return containerSettings(process.env);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function chosenBackend(asked: string | undefined): SandboxStatus['backend'] {
  const name = asked || process.env['HANABI_WORKER_SANDBOX_BACKEND'] || 'bubblewrap';
  if (name === 'bubblewrap' || name === 'container' || name === 'disabled') return name;
  const where = asked ? '--backend' : 'HANABI_WORKER_SANDBOX_BACKEND';
  throw new UsageError(`${where} is "${name}"; it is bubblewrap, container or disabled`);
}
