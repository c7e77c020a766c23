/**
 * Three servers and three executors of one database, killed at random and started again: what was accepted is done
 * once, and its output is there once. And one that stands still for longer than its lease finds that it has lost it.
 */
import { type Job, LIMITS, type Permission } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Cluster, type Member } from './harness/cluster.ts';
import { Desktop } from './harness/desktop.ts';
import { openDb } from './harness/engine.ts';
import { makeModule } from './harness/make-module.ts';

const WORKER = `
import time
def run(inputs, options):
    time.sleep(float(options.get("seconds", 0.15)))
    return {options["name"] + ".txt": options["name"]}
`;
const MINUTE_MS = 60_000;
/** Those whose jobs are tried again. Several, because a module keeps only so many jobs that have ended. */
const AGAIN = ['again', 'again-two', 'again-three', 'again-four'];
const JOBS_OF_MODULE_MAX = LIMITS.jobs_kept_per_module_max - 20;
const SEED = 20_261_121;

let cluster: Cluster;
let db: Db;
const servers: Member[] = [];
beforeAll(async () => {
  const permissions: Permission[] = ['files.read', 'files.write', 'jobs.queue', 'worker.execute'];
  const module = { permissions, worker: WORKER };
  const dirs = [await makeModule({ id: 'once', ...module })];
  for (const id of AGAIN) dirs.push(await makeModule({ id, ...module, manifest: { worker: { retry: 5 } } }));
  cluster = await Cluster.open({ HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_JOBS_MAX: '2' });
  for (let count = 0; count < 3; count += 1) servers.push(await cluster.start('server'));
  for (let count = 0; count < 3; count += 1) {
    await cluster.start('executor', { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' });
  }
  db = await openDb(cluster.database);
}, 120_000);
afterAll(async () => {
  await db.destroy();
  await cluster.stop();
});

/** Numbers that look random and are the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const nameOf = ({ options }: { options: string }) => (JSON.parse(options) as { name: string }).name;
const open = async () =>
  (await db.selectFrom('jobs').select('id').where('state', 'in', ['queued', 'running']).execute()).length;
const PATIENCE = { timeout: 4 * LIMITS.job_lease_ms, interval: 250 };

/** Asks servers in turns for as long as it goes on; remembers what was accepted. */
async function keepAsking(desktop: Desktop, goesOn: () => boolean, accepted: Map<string, string>): Promise<void> {
  const modules = ['once', ...AGAIN];
  for (let number = 0; goesOn() && number < modules.length * JOBS_OF_MODULE_MAX; number += 1) {
    const member = servers[number % servers.length]!;
    const id = modules[number % modules.length]!;
    const name = `${id}-${number}`;
    try {
      const there = desktop.at(member.url);
      const answer = await there.ask(await there.launch(id), 'HANABI_QUEUE_TASK', { options: { name } });
      if (answer.ok) accepted.set((answer.data as { job: Job }).job.id, name);
    } catch {
      // It was killed before it answered, or is just starting.
    }
  }
}

async function killAtRandom(until: number): Promise<number> {
  const random = numbers(SEED);
  let killed = 0;
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 500 + random() * 3000));
    const member = cluster.members[Math.floor(random() * cluster.members.length)]!;
    await member.kill();
    killed += 1;
    await member.start();
  }
  return killed;
}

it('loses none, runs none twice to its end, and leaves outputs exactly once', async () => {
  const desktop = await Desktop.signIn(servers[0]!.url);
  const accepted = new Map<string, string>();
  let going = true;
  const asking = keepAsking(desktop, () => going, accepted);
  const killed = await killAtRandom(performance.now() + MINUTE_MS);
  going = false;
  await asking;
  expect(killed).toBeGreaterThan(5);
  await expect.poll(open, PATIENCE).toBe(0);

  const jobs = await db.selectFrom('jobs').selectAll().execute();
  const known = new Map(jobs.map((job) => [job.id, job]));
  for (const id of accepted.keys()) expect(known.has(id), id).toBe(true);
  const completed = jobs.filter(({ state }) => state === 'completed');
  expect(completed.length).toBeGreaterThan(50);
  for (const id of ['once', ...AGAIN]) {
    const ours = completed.filter(({ module_id }) => module_id === id).map((job) => `${nameOf(job)}.txt`);
    const files = await db
      .selectFrom('files')
      .innerJoin('job_outputs', 'job_outputs.file_id', 'files.id')
      .innerJoin('jobs', 'jobs.id', 'job_outputs.job_id')
      .select('files.name')
      .where('jobs.module_id', '=', id)
      .execute();
    expect(files.map(({ name }) => name).toSorted()).toEqual(ours.toSorted());
    // Nothing else lies in Exports, and nothing twice.
    const { files: exported } = await desktop.at(servers[0]!.url).folderAt('Modules', id, 'Exports');
    expect(exported.map(({ name }) => name).toSorted()).toEqual(ours.toSorted());
  }
  for (const job of jobs.filter(({ state }) => state !== 'completed')) {
    expect(job).toMatchObject({ module_id: 'once', state: 'failed', error_code: 'HANABI-W009' });
  }
}, 300_000);

it('lets go of a job whose executor stood still for longer than its lease, and takes nothing from it later', async () => {
  const [first, second, third] = cluster.members.filter(({ kind }) => kind === 'executor');
  await Promise.all([second!.kill(), third!.kill()]);
  const desktop = await Desktop.signIn(servers[0]!.url);
  const launch = await desktop.launch('again');
  const asked = await desktop.ask(launch, 'HANABI_QUEUE_TASK', { options: { name: 'fenced', seconds: 3 } });
  const { id } = (asked.data as { job: Job }).job;
  const row = () => db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  await expect.poll(async () => (await row()).state, { timeout: 20_000 }).toBe('running');
  const goOn = await first!.standStill();
  const { fence } = await row();
  await second!.start();
  await expect.poll(async () => (await row()).state, PATIENCE).toBe('completed');
  const ended = await row();
  expect(ended.fence).toBeGreaterThan(fence);
  expect(ended.attempts).toBe(2);
  goOn();
  // When it takes a new one, it has settled what it had.
  await second!.kill();
  const next = await desktop.ask(launch, 'HANABI_QUEUE_TASK', { options: { name: 'next' } });
  const nextId = (next.data as { job: Job }).job.id;
  const states = () => db.selectFrom('jobs').select('state').where('id', '=', nextId).execute();
  await expect.poll(states, PATIENCE).toEqual([{ state: 'completed' }]);
  expect(await row()).toEqual(ended);
  const outputs = await db.selectFrom('files').select('name').where('name', 'like', 'fenced%').execute();
  expect(outputs).toEqual([{ name: 'fenced.txt' }]);
}, 240_000);
