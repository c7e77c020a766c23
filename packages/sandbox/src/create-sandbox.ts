import { HanabiError } from '@hanabi/protocol';
import { createBubblewrapSandbox } from './bubblewrap/bubblewrap-sandbox.ts';
import { createContainerSandbox } from './container/container-sandbox.ts';
import { containerSettings } from './container/settings.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';

/** A sandbox in this process, which spawns: the supervisor's or the command line's, never the server's. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (options.backend === 'bubblewrap') return createBubblewrapSandbox(options);
  if (options.backend === 'container') {
    return createContainerSandbox({ ...options, settings: options.container ?? containerSettings({}) });
  }
  return disabledSandbox();
}

function disabledSandbox(): Sandbox {
  const note = 'the sandbox is disabled: workers do not run (HANABI_WORKER_SANDBOX_BACKEND=bubblewrap enables it)';
  return {
    status: async () => ({ backend: 'disabled', ready: false, note, limits: 'hard' }),
    // oxlint-disable-next-line require-yield
    async *runJob(spec) {
      throw new HanabiError('HANABI-W002', undefined, { jobId: spec.id });
    },
    async openService() {
      throw new HanabiError('HANABI-W002');
    },
    close: async () => {},
  };
}
