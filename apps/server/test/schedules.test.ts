/** Schedules as modules see them, while no page is open. What takes days is made to be due by writing so into the database. */
import type { Job, Launch, Permission, Schedule } from '@hanabi/protocol';
import { LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { openDb } from './harness/engine.ts';
import type { Desktop } from './harness/desktop.ts';
import { hanabi } from './harness/hanabi.ts';
import { KillableServer } from './harness/killable-server.ts';
import { makeModule } from './harness/make-module.ts';

const WORKER = `
import time
def run(inputs, options):
    time.sleep(float(options.get("seconds", 0)))
    return {"report.txt": "\\n".join(sorted(inputs)) or "empty"}
`;
const ALL: Permission[] = ['files.read', 'files.write', 'jobs.queue', 'jobs.schedule', 'worker.execute'];
const HOUR_MS = 3600_000;

let server: KillableServer;
let db: Db;
const desktop = (): Desktop => server.desktop;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'report', permissions: ALL, worker: WORKER }),
    await makeModule({ id: 'report-two', permissions: ALL, worker: WORKER }),
    await makeModule({ id: 'not-allowed', permissions: ['worker.execute'], worker: WORKER }),
  ];
  server = await KillableServer.start({
    env: { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
  });
  db = await openDb(server.data_dir);
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await server.stop();
});

async function create(launch: Launch, payload: object): Promise<Schedule> {
  const answer = await desktop().ask(launch, 'HANABI_SCHEDULE_CREATE', payload);
  if (!answer.ok) throw new Error(answer.error.message);
  return (answer.data as { schedule: Schedule }).schedule;
}
const list = async (launch: Launch) =>
  ((await desktop().ask(launch, 'HANABI_SCHEDULE_LIST')).data as { schedules: Schedule[] }).schedules;
const found = async (launch: Launch, { id }: Schedule) => (await list(launch)).find((schedule) => schedule.id === id)!;
const jobsOf = async (launch: Launch, { id }: Schedule): Promise<Job[]> => {
  const rows = await db.selectFrom('jobs').select('id').where('schedule_id', '=', id).execute();
  const { jobs } = (await desktop().ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
  return jobs.filter((job) => rows.some((row) => row.id === job.id));
};
/** As if it should have fired so long ago. */
const makeDue = ({ id }: Schedule, ago_ms = 0) =>
  db
    .updateTable('schedules')
    .set({ next_run_ms: Date.now() - ago_ms })
    .where('id', '=', id)
    .execute();
/** The server looks by itself every few seconds; this is long enough for a busy machine. */
const PATIENCE = { timeout: 50_000, interval: 200 };

describe('a schedule', () => {
  it('is told with its next run, stopped, let go on, and deleted', async () => {
    const launch = await desktop().launch('report');
    const trigger = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    const made = await create(launch, { name: 'Nightly', trigger, options: { a: 1 } });
    expect(made).toMatchObject({ name: 'Nightly', trigger_type: 'cron', trigger, enabled: true, options: { a: 1 } });
    expect(Date.parse(made.next_run_at!)).toBeGreaterThan(Date.now());
    expect(await list(launch)).toEqual([made]);
    const off = await desktop().ask(launch, 'HANABI_SCHEDULE_TOGGLE', { scheduleId: made.id, enabled: false });
    expect(off.data).toMatchObject({ schedule: { enabled: false, next_run_at: null } });
    const on = await desktop().ask(launch, 'HANABI_SCHEDULE_TOGGLE', { scheduleId: made.id, enabled: true });
    expect(on.data).toMatchObject({ schedule: { enabled: true, next_run_at: made.next_run_at } });
    for (const [type, more] of [
      ['DELETE', {}],
      ['TOGGLE', { enabled: true }],
    ] as const) {
      const two = await desktop().launch('report-two');
      const foreign = await desktop().ask(two, `HANABI_SCHEDULE_${type}`, { scheduleId: made.id, ...more });
      expect(foreign.error).toMatchObject({ code: 'HANABI-W021' });
    }
    expect((await desktop().ask(launch, 'HANABI_SCHEDULE_DELETE', { scheduleId: made.id })).ok).toBe(true);
    expect(await list(launch)).toEqual([]);
  });

  it('is refused when it is too often, too many, or not allowed', async () => {
    const launch = await desktop().launch('report-two');
    const often = await desktop().ask(launch, 'HANABI_SCHEDULE_CREATE', { trigger: { seconds: 5 } });
    expect(often.error).toMatchObject({ code: 'HANABI-Q013' });
    const mixed = { triggerType: 'cron', trigger: { seconds: 60 } };
    expect((await desktop().ask(launch, 'HANABI_SCHEDULE_CREATE', mixed)).error).toMatchObject({ code: 'HANABI-V002' });
    const made: Schedule[] = [];
    while (made.length < LIMITS.schedules_per_module_max)
      made.push(await create(launch, { trigger: { seconds: 3600 } }));
    const many = await desktop().ask(launch, 'HANABI_SCHEDULE_CREATE', { trigger: { seconds: 3600 } });
    expect(many.error).toMatchObject({ code: 'HANABI-Q012' });
    for (const { id } of made) await desktop().ask(launch, 'HANABI_SCHEDULE_DELETE', { scheduleId: id });
    const not = await desktop().launch('not-allowed');
    const denied = await desktop().ask(not, 'HANABI_SCHEDULE_CREATE', { trigger: { seconds: 60 } });
    expect(denied.error).toMatchObject({ code: 'HANABI-P001' });
  });

  it('takes no file that only this launch may read', async () => {
    const file = await desktop().upload('opened.txt', 'x');
    const launch = await desktop().launch('report', { file_id: file.id });
    const wish = { trigger: { seconds: 3600 }, inputRefs: [file.id] };
    const refused = await desktop().ask(launch, 'HANABI_SCHEDULE_CREATE', wish);
    expect(refused.error).toMatchObject({ code: 'HANABI-F002' });
  });

  it('fires once for all that an outage missed, and does not pile up while its job runs', async () => {
    const launch = await desktop().launch('report');
    const folder = launch.context.folders.find(({ role }) => role === 'input')!;
    const input = await desktop().upload('numbers.csv', '1;2', folder.id);
    const made = await create(launch, {
      trigger: { seconds: 3600 },
      options: { seconds: 20 },
      inputRefs: [input.id],
    });
    await makeDue(made, 10.5 * HOUR_MS);
    await server.killAndRestart();
    const again = await desktop().launch('report');
    await expect.poll(async () => (await jobsOf(again, made)).length, PATIENCE).toBe(1);
    const fired = await found(again, made);
    expect(fired).toMatchObject({ enabled: true, error: null });
    const [job] = await jobsOf(again, made);
    expect(job).toMatchObject({ kind: 'schedule', id: fired.last_job_id });
    // The step is kept: half an hour from now, and not an hour.
    const wait_ms = Date.parse(fired.next_run_at!) - Date.now();
    expect(wait_ms).toBeGreaterThan(0);
    expect(wait_ms).toBeLessThanOrEqual(0.5 * HOUR_MS);
    // Due again while that job still runs: it moves on and starts nothing.
    await makeDue(made);
    await expect
      .poll(async () => Date.parse((await found(again, made)).next_run_at!) > Date.now(), PATIENCE)
      .toBe(true);
    expect(await jobsOf(again, made)).toHaveLength(1);
    await expect.poll(async () => (await jobsOf(again, made))[0]?.state, PATIENCE).toBe('completed');
    const [ended] = await jobsOf(again, made);
    const read = await desktop().ask(again, 'HANABI_READ_FILE', { fileId: ended!.outputs[0]!.id });
    expect(Buffer.from(read.data['bytesB64'] as string, 'base64').toString()).toBe('numbers.csv');
    await desktop().ask(again, 'HANABI_SCHEDULE_DELETE', { scheduleId: made.id });
  }, 150_000);

  it('ends with a code when what it needs is gone, and goes on when it is switched on again', async () => {
    const launch = await desktop().launch('report');
    const folder = launch.context.folders.find(({ role }) => role === 'input')!;
    const input = await desktop().upload('soon-gone.csv', 'x', folder.id);
    const revoked = await create(launch, { trigger: { seconds: 3600 } });
    const [unfed, orphan] = [
      await create(launch, { trigger: { seconds: 3600 }, inputRefs: [input.id] }),
      await create(launch, { trigger: { seconds: 3600 } }),
    ];
    await desktop().send('POST', '/api/items/trash', { items: [{ file_id: input.id }] });
    await db.updateTable('schedules').set({ module_id: 'uninstalled' }).where('id', '=', orphan.id).execute();
    await makeDue(unfed);
    await makeDue(orphan);
    const codeOf = async ({ id }: Schedule) => {
      const row = await db.selectFrom('schedules').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      return row.enabled === 0 ? row.error_code : undefined;
    };
    await expect.poll(() => codeOf(unfed), PATIENCE).toBe('HANABI-F001');
    await expect.poll(() => codeOf(orphan), PATIENCE).toBe('HANABI-M001');
    await hanabi(server.data_dir, 'module', 'grant', 'report', 'jobs.schedule', '--revoke');
    await makeDue(revoked);
    await expect.poll(() => codeOf(revoked), PATIENCE).toBe('HANABI-P002');
    expect(await jobsOf(launch, revoked)).toEqual([]);
    await hanabi(server.data_dir, 'module', 'grant', 'report', 'jobs.schedule');
    expect(await found(launch, revoked)).toMatchObject({ enabled: false, error: { code: 'HANABI-P002' } });
    const on = await desktop().ask(launch, 'HANABI_SCHEDULE_TOGGLE', { scheduleId: revoked.id, enabled: true });
    expect(on.data).toMatchObject({ schedule: { enabled: true, error: null } });
  }, 200_000);
});
