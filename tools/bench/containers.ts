/** No-op jobs in containers, from the request to the stored output, against a container asked of the bare Engine API. */
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { startServer } from '../../apps/server/test/harness/start-server.ts';
import { startDocker } from '../setup/docker-daemon.mjs';
import { type Figure, figure, median } from './figures.ts';

const NO_OP = 'def run(inputs, options):\n    return {"out.txt": b"x"}\n';
const RUNS = 12;
/** The target of a job whose container has waited for it. */
const WARM_MS = 10;
/** Long enough for the next container to have been made, and the last one to have been removed. */
const BETWEEN_RUNS_MS = 1500;
const IMAGE = 'hanabi-worker-python:latest';

export async function benchContainers(): Promise<Figure[]> {
  const docker = await startDocker((line) => console.error(line));
  if ('missing' in docker) {
    console.error(`job.container is left out: ${docker.missing}`);
    return [];
  }
  try {
    return await measure(docker.socket);
  } finally {
    await docker.stop();
  }
}

async function measure(socket: string): Promise<Figure[]> {
  const ids = Array.from({ length: RUNS }, (_, index) => `bench-container-${index}`);
  const dirs: string[] = [];
  for (const id of ids) {
    dirs.push(await makeModule({ id, permissions: ['jobs.create', 'worker.execute'], worker: NO_OP }));
  }
  const server = await startServer({
    env: {
      HANABI_MODULE_DIRS: dirs.join(':'),
      HANABI_WORKER_SANDBOX_BACKEND: 'container',
      HANABI_WORKER_DOCKER_SOCKET: socket,
    },
  });
  try {
    const desktop = await Desktop.signIn(server.url);
    const bare: number[] = [];
    const cold: number[] = [];
    const warm: number[] = [];
    for (const id of ids) {
      const launch = await desktop.launch(id);
      const job = async () => {
        const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', {});
        if (!answer.ok) throw new Error(answer.error.message);
      };
      bare.push(await timed(() => bareContainer(socket)));
      await pause(BETWEEN_RUNS_MS);
      cold.push(await timed(job));
      await pause(BETWEEN_RUNS_MS);
      warm.push(await timed(job));
      await pause(BETWEEN_RUNS_MS);
    }
    return [
      figure('job.container.cold', 'ms', median(cold), median(bare), 'bare Engine API: create, attach, start, end'),
      figure('job.container.warm', 'ms', median(warm), WARM_MS, 'target'),
    ];
  } finally {
    await server.stop();
  }
}

/** As `docker run` does it, without its own start: until the output has come as a whole. */
async function bareContainer(socket: string): Promise<void> {
  const made = await ask(socket, '/containers/create', {
    Image: IMAGE,
    Cmd: ['/usr/bin/python3', '-I', '-S', '-c', 'print("x")'],
    AttachStdout: true,
    HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none' } },
  });
  const { Id } = JSON.parse(made) as { Id: string };
  // Its answer begins when it is attached, and ends with the container.
  const attached = await open(socket, `/containers/${Id}/attach?stream=1&stdout=1`);
  await ask(socket, `/containers/${Id}/start`);
  if (!(await text(attached)).includes('x')) throw new Error('the bare container said nothing');
  void ask(socket, `/containers/${Id}?force=1`, undefined, 'DELETE');
}

async function ask(socketPath: string, path: string, body?: unknown, method = 'POST'): Promise<string> {
  const answer = await open(socketPath, path, body, method);
  const told = await text(answer);
  if (answer.statusCode! >= 400) throw new Error(told);
  return told;
}

function open(socketPath: string, path: string, body?: unknown, method = 'POST'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    request({ socketPath, path, method, headers }, resolve)
      .once('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
