/** Whether there is an engine that can hold workers, and the image that they run in. */
import { accessSync, constants } from 'node:fs';
import { type Engine, EngineError, type EngineInfo } from './engine.ts';
import type { ContainerSettings } from './settings.ts';

export interface FoundEngine {
  /** Digests, so that a name that is given to another image changes nothing before the next start. */
  image_id: string;
  /** Undefined: there is no such image. */
  native_image_id: string | undefined;
  /** One line for people. */
  note: string;
}

/** The engine, or one line that says what is missing. */
export async function findEngine(engine: Engine, settings: ContainerSettings): Promise<FoundEngine | string> {
  const { socket_path, image, native_image, runtime } = settings;
  let info: EngineInfo;
  try {
    accessSync(socket_path, constants.R_OK | constants.W_OK);
    info = await engine.ask<EngineInfo>('GET', '/info');
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    return denied
      ? `this user may not use Docker's socket ${socket_path}`
      : `no Docker answers at ${socket_path}: apt-get install docker.io, or set HANABI_WORKER_DOCKER_SOCKET`;
  }
  const problem = problemOf(info, runtime);
  if (problem) return problem;
  const [image_id, native_image_id] = await Promise.all([idOf(engine, image), idOf(engine, native_image)]);
  if (!image_id) return `there is no image "${image}": sudo hanabi worker-image build`;
  const parts = [
    `Docker ${info.ServerVersion}`,
    `runtime ${runtime ?? info.DefaultRuntime}`,
    `image ${shortened(image_id)}`,
    native_image_id ? `native tools ${shortened(native_image_id)}` : 'no image with native tools',
    `hard limits (cgroup version ${info.CgroupVersion ?? '1'})`,
  ];
  return { image_id, native_image_id, note: parts.join(', ') };
}

function problemOf(info: EngineInfo, runtime: string | undefined): string | undefined {
  if (runtime && !Object.hasOwn(info.Runtimes, runtime)) {
    return `Docker knows no runtime "${runtime}", only ${Object.keys(info.Runtimes).join(', ')}`;
  }
  if (!info.MemoryLimit || !info.PidsLimit || !info.CpuCfsQuota) {
    return 'the kernel does not let Docker limit memory, processes and processor time';
  }
  const options = info.SecurityOptions.join(' ');
  if (!options.includes('name=seccomp')) return 'the kernel does not let Docker use seccomp';
  // The users of our slots are not among those that such an engine maps.
  if (/name=(rootless|userns)/.test(options)) return 'a rootless Docker, or one with userns-remap, is not supported';
  return undefined;
}

async function idOf(engine: Engine, image: string): Promise<string | undefined> {
  try {
    return (await engine.ask<{ Id: string }>('GET', `/images/${encodeURIComponent(image)}/json`)).Id;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}

function shortened(image_id: string): string {
  return image_id.replace(/^sha256:/, '').slice(0, 12);
}
