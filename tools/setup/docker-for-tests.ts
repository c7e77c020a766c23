/** One Docker for all tests of the sandbox; where there can be none, they say why when they skip what needs it. */
import type { TestProject } from 'vitest/node';
import { startDocker } from './docker-daemon.mjs';

export default async function dockerForTests(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const docker = await startDocker((line) => console.log(line));
  if ('missing' in docker) {
    project.provide('docker', { missing: docker.missing });
    return undefined;
  }
  project.provide('docker', { socket: docker.socket });
  return docker.stop;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The socket of an engine that has the image, or why there is none. */
    docker: { socket: string } | { missing: string };
  }
}
