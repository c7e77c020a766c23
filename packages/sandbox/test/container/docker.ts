/** The engine of the tests, which tools/setup/docker-for-tests.ts starts; or why this machine has none. */
import { describe, inject } from 'vitest';
import { type ContainerSettings, containerSettings, createSandbox, type Sandbox } from '../../src/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    docker: { socket: string } | { missing: string };
  }
}

const docker = inject('docker');

/** Why no engine can run here. */
export const missingContainers = 'missing' in docker ? docker.missing : undefined;

export function containersOfTests(changes: NodeJS.ProcessEnv = {}): ContainerSettings {
  if ('missing' in docker) throw new Error(docker.missing);
  return containerSettings({ HANABI_WORKER_DOCKER_SOCKET: docker.socket, ...changes });
}

export function openContainers(work_dir: string, changes: NodeJS.ProcessEnv = {}): Promise<Sandbox> {
  return createSandbox({ backend: 'container', work_dir, jobs_max: 4, container: containersOfTests(changes) });
}

/** Skips visibly where no engine can run, and says why. */
export const describeContainers = (title: string, body: () => void) => {
  const missing = missingContainers;
  describe.skipIf(missing !== undefined)(missing ? `${title} (${missing})` : title, body);
};
