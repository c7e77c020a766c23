/** `kill -9` of the server at random moments while tasks are queued and run: what was accepted is still there, and ends once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, Launch } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { KillableServer } from './harness/killable-server.ts';
import { makeModule } from './harness/make-module.ts';
import { startServer } from './harness/start-server.ts';

const WORKER = `
import time
def run(inputs, options):
    time.sleep(0.15)
    return {options["name"] + ".txt": options["name"]}
`;
const ROUNDS = 6;
const PER_ROUND = 8;

let server: KillableServer;
beforeAll(async () => {
  const permissions = ['files.read', 'files.write', 'jobs.queue', 'worker.execute'] as const;
  const module = { permissions: [...permissions], worker: WORKER };
  const dirs = [
    await makeModule({ id: 'once', ...module }),
    await makeModule({ id: 'again', ...module, manifest: { worker: { retry: 5 } } }),
  ];
  server = await KillableServer.start({
    env: { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
  });
}, 60_000);
afterAll(() => server.stop());

const jobsOf = async (launch: Launch, who: Desktop = server.desktop): Promise<Job[]> =>
  ((await who.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] }).jobs;

it('loses none, runs none twice to its end, and leaves outputs exactly once', async () => {
  const accepted = { once: new Map<string, string>(), again: new Map<string, string>() };
  for (let round = 0; round < ROUNDS; round += 1) {
    const moment = Math.random() * 1500;
    const killed = new Promise((resolve) => setTimeout(resolve, moment)).then(() => server.killAndRestart());
    for (let number = 0; number < PER_ROUND; number += 1) {
      // In turns: on a busy machine the server is killed before half of them is asked for.
      for (const id of ['once', 'again'] as const) {
        const name = `${id}-${round}-${number}`;
        try {
          const launch = await server.desktop.launch(id);
          const answer = await server.desktop.ask(launch, 'HANABI_QUEUE_TASK', { options: { name } });
          if (answer.ok) accepted[id].set((answer.data as { job: Job }).job.id, name);
        } catch {
          // The server was killed before it answered.
        }
      }
    }
    await killed;
  }
  for (const id of ['once', 'again'] as const) {
    const launch = await server.desktop.launch(id);
    const open = async () => (await jobsOf(launch)).filter(({ finished_at }) => finished_at === null).length;
    await expect.poll(open, { timeout: 60_000, interval: 250 }).toBe(0);
    const jobs = await jobsOf(launch);
    const known = new Map(jobs.map((job) => [job.id, job]));
    for (const jobId of accepted[id].keys()) expect(known.has(jobId), `${id} ${jobId}`).toBe(true);
    const completed = jobs.filter(({ state }) => state === 'completed');
    const expected = completed.map(({ options }) => `${options['name'] as string}.txt`).toSorted();
    const files = (await server.desktop.folderAt('Modules', id, 'Exports')).files.map(({ name }) => name).toSorted();
    expect(files).toEqual(expected);
    for (const job of completed) expect(job.outputs).toHaveLength(1);
    const failed = jobs.filter(({ state }) => state !== 'completed');
    if (id === 'again') expect(failed).toEqual([]);
    for (const { state, error } of failed) {
      expect({ state, code: error?.code }).toEqual({ state: 'failed', code: 'HANABI-W009' });
    }
    expect(completed.length).toBeGreaterThan(0);
  }
}, 180_000);

it('gives back what it has when it is told to stop', async () => {
  const module = await makeModule({
    id: 'patient',
    permissions: ['files.read', 'files.write', 'jobs.queue', 'worker.execute'],
    worker: WORKER.replace('0.15', '1'),
    manifest: { worker: { retry: 1 } },
  });
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-stopped-'));
  const env = {
    HANABI_MODULE_DIRS: module,
    HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
    HANABI_WORKER_JOBS_MAX: '2',
  };
  const first = await startServer({ data_dir, env });
  const desktop = await Desktop.signIn(first.url);
  const launch = await desktop.launch('patient');
  for (const name of ['a', 'b', 'c', 'd', 'e']) await desktop.ask(launch, 'HANABI_QUEUE_TASK', { options: { name } });
  await expect.poll(async () => (await jobsOf(launch, desktop)).some(({ state }) => state === 'running')).toBe(true);
  await first.stop();
  const second = await startServer({ data_dir, env });
  const again = await Desktop.signIn(second.url);
  const relaunch = await again.launch('patient');
  const states = async () => (await jobsOf(relaunch, again)).map(({ state }) => state);
  await expect.poll(states, { timeout: 30_000 }).toEqual(Array.from({ length: 5 }, () => 'completed'));
  const { files } = await again.folderAt('Modules', 'patient', 'Exports');
  expect(files.map(({ name }) => name)).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']);
  await second.stop();
  await rm(data_dir, { recursive: true });
}, 90_000);
