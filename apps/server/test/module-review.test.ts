/** What needs a sandbox: the look at Python files, the two runs of a worker, and jobs whose module goes away. */
import { DESKTOP_PATHS, type Permission, type SampleRuns, type UserSchedule, WORKER_TIERS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import {
  decide,
  developers,
  ask,
  install,
  packageOf,
  publish,
  submit,
  uninstall,
  upload,
} from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const permissions: Permission[] = [
  'jobs.create',
  'jobs.queue',
  'jobs.schedule',
  'jobs.emit_progress',
  'worker.execute',
];
const ENDLESS = `
import time
def run(inputs, options):
    yield {"pct": 1, "message": "begun"}
    time.sleep(600)
`;

let server: RunningServer;
let admin: Desktop;
let dora: Desktop;
let ada: Desktop;

beforeAll(async () => {
  server = await startServer({
    users: ['ada'],
    prepare: developers('dora'),
    env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap', HANABI_WORKER_TIERS: JSON.stringify({ tiny: TINY }) },
  });
  [admin, dora, ada] = await Promise.all([
    Desktop.signIn(server.url),
    Desktop.signIn(server.url, 'dora', 'dora'),
    Desktop.signIn(server.url, 'ada', 'ada'),
  ]);
});
afterAll(() => server.stop());

const TINY = { ...WORKER_TIERS.small, output_files_max: 1 };

it('a worker that does not parse is refused with its line', async () => {
  const { body } = await upload(dora, await packageOf({ id: 'unparsed', permissions, worker: '\n\ndef run(:\n' }));
  expect(body.version).toBeNull();
  expect(body.findings).toContainEqual(
    expect.objectContaining({ code: 'HANABI-V021', path: 'worker/main.py', line: 3 }),
  );
});

it('a service that says what services may not say is refused with its lines', async () => {
  const manifest = { entrypoints: { ui: 'ui/index.html', service: 'service/main.py' } };
  const files = { 'service/main.py': 'def tick(ctx):\n    pass\n\nimport socket\n' };
  const { body } = await upload(
    dora,
    await packageOf({ id: 'served', permissions: ['worker.service'], manifest, files }),
  );
  expect(body.version).toBeNull();
  expect(body.findings).toContainEqual(
    expect.objectContaining({
      code: 'HANABI-V021',
      path: 'service/main.py',
      line: 4,
      message: expect.stringContaining('socket'),
    }),
  );
});

it.each([
  ['the same', 'def run(i, o):\n    return {n: d.upper() for n, d in i.items()}\n', true],
  ['something else each time', 'import os\ndef run(i, o):\n    return {"a": os.urandom(16)}\n', false],
])('a worker that makes %s is seen to', async (name, worker, same) => {
  const id = `sampled-${name.slice(0, 3)}`.replaceAll(' ', '');
  await upload(dora, await packageOf({ id, permissions, worker }));
  await submit(dora, id, '1.0.0');
  const { body } = await ask<SampleRuns>(admin, 'POST', `${DESKTOP_PATHS.review}/${id}/versions/1.0.0/run`);
  expect(body.runs.map(({ ok, error, outputs }) => ({ ok, error, count: outputs.length }))).toEqual([
    { ok: true, error: null, count: 1 },
    { ok: true, error: null, count: 1 },
  ]);
  expect(body.same).toBe(same);
});

it('a worker that fails on its own samples is seen to', async () => {
  await upload(
    dora,
    await packageOf({
      id: 'failing',
      permissions,
      worker: 'def run(i, o):\n    print("why")\n    raise ValueError("no")\n',
    }),
  );
  await submit(dora, 'failing', '1.0.0');
  const { body } = await ask<SampleRuns>(admin, 'POST', `${DESKTOP_PATHS.review}/failing/versions/1.0.0/run`);
  expect(body.runs[0]).toMatchObject({
    ok: false,
    error: { code: 'HANABI-W008' },
    log: expect.stringContaining('why'),
  });
});

it('Python libraries that cannot be had keep a module from being approved', async () => {
  const manifest = { dependencies: { python: ['no-such-library-anywhere>=1'] } };
  await upload(
    dora,
    await packageOf({ id: 'bookish', permissions, worker: 'def run(i, o):\n    return {}\n', manifest }),
  );
  await submit(dora, 'bookish', '1.0.0');
  expect((await decide(admin, 'bookish', '1.0.0', { decision: 'approve' })).code).toBe('HANABI-W018');
  expect((await install(ada, 'bookish')).code).toBe('HANABI-M001');
});

it('a worker runs as the review allowed: not at all, or under the assigned tier', async () => {
  const worker = 'def run(i, o):\n    return {"a": b"", "b": b""}\n';
  await publish(dora, admin, { id: 'unallowed', permissions, worker });
  await install(ada, 'unallowed');
  expect((await ada.ask(await ada.launch('unallowed'), 'HANABI_CREATE_JOB')).error.code).toBe('HANABI-P002');
  await publish(dora, admin, { id: 'bounded', permissions, worker }, { permissions: ['worker.execute'], tier: 'tiny' });
  await install(ada, 'bounded');
  expect((await ada.ask(await ada.launch('bounded'), 'HANABI_CREATE_JOB')).error.code).toBe('HANABI-W007');
});

it('a job and a schedule of a module that is uninstalled end with HANABI-M008', async () => {
  const allowed = { permissions: ['worker.execute', 'jobs.schedule'] satisfies Permission[] };
  await publish(dora, admin, { id: 'endless', permissions, worker: ENDLESS }, allowed);
  await install(ada, 'endless');
  const launch = await ada.launch('endless');
  const trigger = { cron: '0 0 1 1 *', timeZone: 'UTC' };
  const scheduled = await ada.ask(launch, 'HANABI_SCHEDULE_CREATE', { name: 'again', trigger, options: {} });
  const scheduleId = (scheduled.data['schedule'] as { id: string }).id;
  const queued = await ada.ask(launch, 'HANABI_QUEUE_TASK');
  const jobId = (queued.data['job'] as { id: string }).id;
  const job = async () => {
    const { body } = await ask<{ jobs: { id: string; state: string; error: { code: string } | null }[] }>(
      ada,
      'GET',
      DESKTOP_PATHS.jobs,
    );
    return body.jobs.find(({ id }) => id === jobId)!;
  };
  await expect.poll(async () => (await job()).state).toBe('running');
  await uninstall(ada, 'endless');
  await expect.poll(job).toMatchObject({ state: 'failed', error: { code: 'HANABI-M008' } });
  expect((await ask(ada, 'POST', `${DESKTOP_PATHS.schedules}/${scheduleId}/run`)).code).toBe('HANABI-M008');
  const { body } = await ask<{ schedules: UserSchedule[] }>(ada, 'GET', DESKTOP_PATHS.schedules);
  expect(body.schedules).toMatchObject([{ enabled: false, next_run_at: null, error: { code: 'HANABI-M008' } }]);
});
