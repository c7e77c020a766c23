/** A backup of a running server, and what becomes of it elsewhere: the same, but nobody is signed in and nothing starts by itself. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DESKTOP_PATHS,
  type Job,
  type Launch,
  type Permission,
  type Schedule,
  type ServiceStatus,
} from '@hanabi/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BackupManifest } from '../src/backup/backup-format.ts';
import { Desktop } from './harness/desktop.ts';
import { dumpOf } from './harness/dump.ts';
import { dropDatabase, openDb } from './harness/engine.ts';
import { grant } from './harness/grant.ts';
import { checkStorage, hanabi } from './harness/hanabi.ts';
import { fileRef, putInTrash } from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { sha256Of } from './harness/storage.ts';

const WORKER = `
def run(inputs, options):
    return {"out.txt": "\u2028 done"}
`;
const SERVICE = `
def tick(ctx):
    ctx.state.set("ticks", ctx.state.get("ticks", 0) + 1)
`;
const PERMISSIONS: Permission[] = [
  'files.read',
  'files.write',
  'jobs.queue',
  'jobs.schedule',
  'worker.execute',
  'data.store',
];
const ODD_NAME = 'Été “\u2028” 漢字.txt';

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
let finished: Job;
let schedule: Schedule;
const folders: string[] = [];
beforeAll(async () => {
  const dir = await makeModule({ id: 'kept', permissions: PERMISSIONS, worker: WORKER });
  const ticks = await makeModule({
    id: 'ticks',
    permissions: ['worker.service'],
    files: { 'service/main.py': SERVICE },
    manifest: {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      worker: { service: { tick_interval: 3600 } },
    },
  });
  server = await startServer({
    users: ['other'],
    env: { HANABI_MODULE_DIRS: `${dir}:${ticks}`, HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
    prepare: (db) => grant(db, 'ticks', ['worker.service']),
  });
  desktop = await Desktop.signIn(server.url);
  launch = await desktop.launch('kept');
  await desktop.upload(ODD_NAME, 'odd');
  await desktop.upload('large.bin', Buffer.alloc(3_000_000, 'large '));
  await putInTrash(desktop, [fileRef(await desktop.upload('gone.txt', 'in the Trash'))]);
  await (await Desktop.signIn(server.url, 'other', 'other')).upload('theirs.txt', 'theirs');
  for (let n = 0; n < 700; n += 1) {
    const put = await desktop.ask(launch, 'HANABI_DATA_PUT', {
      collection: 'c',
      id: `d${n}`,
      data: { n, text: `\u2029 ${n}` },
    });
    expect(put.ok).toBe(true);
  }
  const asked = await desktop.ask(launch, 'HANABI_QUEUE_TASK', { options: { n: 1 } });
  const { id } = (asked.data as { job: Job }).job;
  await vi.waitFor(
    async () => {
      finished = ((await desktop.ask(launch, 'HANABI_GET_JOB', { jobId: id })).data as { job: Job }).job;
      expect(finished.state).toBe('completed');
    },
    { timeout: 30_000 },
  );
  const made = await desktop.ask(launch, 'HANABI_SCHEDULE_CREATE', { name: 'Nightly', trigger: { cron: '0 3 * * *' } });
  ({ schedule } = made.data as { schedule: Schedule });
  const ticking = await desktop.launch('ticks');
  await desktop.ask(ticking, 'HANABI_SERVICE_START');
  await vi.waitFor(async () => expect((await serviceOf(desktop, ticking)).last_took_ms).not.toBeNull(), 30_000);
}, 120_000);
afterAll(async () => {
  await server.stop();
  for (const folder of folders) {
    await dropDatabase(folder);
    await rm(folder, { recursive: true, force: true });
  }
});

const serviceOf = async (of: Desktop, ticking: Launch) =>
  (await of.ask(ticking, 'HANABI_SERVICE_STATUS')).data as ServiceStatus;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hanabi-backup-'));
  folders.push(folder);
  return folder;
}

async function backUp(): Promise<string> {
  const out = join(await newFolder(), 'backup');
  const { status, stdout, stderr } = await hanabi(server.data_dir, 'backup', out, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  return out;
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await rm(path);
  await writeFile(path, bytes);
}

it('is all that there was, and on the other side all that was backed up', async () => {
  const backup = await backUp();
  const to = await newFolder();
  const restored = await hanabi(to, 'restore', backup, '--json');
  expect({ status: restored.status, stderr: restored.stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(restored.stdout)).toMatchObject({
    ok: true,
    schedules_paused: 1,
    services_paused: 1,
    jobs_ended: 0,
  });

  const [here, there] = [await openDb(server.data_dir), await openDb(to)];
  // What ends with a server or is about those that run, and what waits until it is let go on.
  const apart = ['sessions', 'launches', 'launch_files', 'uploads', 'servers', 'schedules', 'services'];
  expect(await dumpOf(there, apart)).toEqual(await dumpOf(here, apart));
  for (const table of ['sessions', 'launches', 'uploads'] as const) {
    expect(await there.selectFrom(table).selectAll().execute()).toEqual([]);
  }
  await Promise.all([here.destroy(), there.destroy()]);
  expect(await checkStorage({ HANABI_DATA_DIR: to })).toMatchObject({
    status: 0,
    troubles: [],
    orphans: { contents: 0 },
  });

  const again = await startServer({ data_dir: to, env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' } });
  try {
    expect((await desktop.at(again.url).send('GET', DESKTOP_PATHS.session)).status).toBe(401);
    const back = await Desktop.signIn(again.url);
    const file = (await back.folder('root')).files.find(({ name }) => name === 'large.bin')!;
    const content = await back.send('GET', `${DESKTOP_PATHS.files}/${file.id}/content`);
    expect(sha256Of(new Uint8Array(await content.arrayBuffer()))).toBe(sha256Of(Buffer.alloc(3_000_000, 'large ')));
    const relaunch = await back.launch('kept');
    const found = await back.ask(relaunch, 'HANABI_DATA_QUERY', { collection: 'c', where: { n: 699 } });
    expect(found.data).toMatchObject({ docs: [{ id: 'd699' }] });
    // New documents come after the old ones.
    await back.ask(relaunch, 'HANABI_DATA_PUT', { collection: 'c', id: 'new', data: {} });
    const listed = await back.ask(relaunch, 'HANABI_DATA_LIST', { collection: 'c', limit: 1 });
    expect(listed.data).toMatchObject({ docs: [{ id: 'new' }] });
    const { jobs } = (await back.ask(relaunch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    expect(jobs).toMatchObject([{ id: finished.id, state: 'completed', outputs: finished.outputs }]);

    const schedules = async () =>
      ((await back.ask(relaunch, 'HANABI_SCHEDULE_LIST')).data as { schedules: Schedule[] }).schedules;
    expect(await schedules()).toMatchObject([{ id: schedule.id, enabled: false, error: { code: 'HANABI-W027' } }]);
    expect((await hanabi(to, 'schedule', 'resume', '--all')).stdout).toBe('1 schedule goes on\n');
    expect(await schedules()).toEqual([schedule]);

    const ticking = await back.launch('ticks');
    expect(await serviceOf(back, ticking)).toMatchObject({
      state: 'stopped',
      ticks: 1,
      last_error: { code: 'HANABI-W027' },
    });
    expect((await hanabi(to, 'service', 'resume', '--user', 'admin')).stdout).toBe('1 service goes on\n');
    await vi.waitFor(async () => expect(await serviceOf(back, ticking)).toMatchObject({ ticks: 2 }), 30_000);
    expect(await serviceOf(back, ticking)).toMatchObject({ state: 'running', last_error: null });
  } finally {
    await again.stop();
  }
}, 120_000);

it('is of one moment, however much is written meanwhile', async () => {
  const load = { goesOn: true };
  const work = async (n: number) => {
    for (let round = 0; load.goesOn; round += 1) {
      await desktop.upload(`busy-${n}.txt`, `content ${n} ${round}`);
      await desktop.ask(launch, 'HANABI_DATA_PUT', { collection: `busy-${n}`, data: { round } });
    }
    return true;
  };
  const working = [0, 1, 2].map(work);
  const backup = await backUp();
  load.goesOn = false;
  expect(await Promise.all(working)).toEqual([true, true, true]);
  const to = await newFolder();
  expect((await hanabi(to, 'restore', backup)).status).toBe(0);
  expect(await checkStorage({ HANABI_DATA_DIR: to })).toMatchObject({ status: 0, troubles: [] });
  const db = await openDb(to);
  // What is counted beside the rows agrees with them.
  const { rows: files } = await sql<{ used: number; counted: number }>`
    select used_bytes as used, (select coalesce(sum(size_bytes), 0) from files where files.user_id = storage_used.user_id) as counted
    from storage_used
  `.execute(db);
  const { rows: documents } = await sql<{ used: number; counted: number }>`
    select records as used, (select count(*) from data_documents where collection_seq = data_collections.seq) as counted
    from data_collections
  `.execute(db);
  expect(files).toHaveLength(2);
  expect(documents.length).toBeGreaterThan(0);
  for (const { used, counted } of [...files, ...documents]) expect(used).toBe(counted);
  await db.destroy();
}, 120_000);

it('says which jobs had not ended, and does not run them again', async () => {
  const backup = await backUp();
  const table = join(backup, 'tables', 'jobs.jsonl');
  const [columns, row] = (await readFile(table, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown[]);
  row![columns!.indexOf('state')] = 'running';
  const text = `${JSON.stringify(columns)}\n${JSON.stringify(row)}\n`;
  await writeFile(table, text);
  const manifest = JSON.parse(await readFile(join(backup, 'backup.json'), 'utf8')) as BackupManifest;
  manifest.tables['jobs'] = { rows: 1, sha256: sha256Of(text) };
  await writeFile(join(backup, 'backup.json'), JSON.stringify(manifest));
  const to = await newFolder();
  expect(JSON.parse((await hanabi(to, 'restore', backup, '--json')).stdout)).toMatchObject({ jobs_ended: 1 });
  const db = await openDb(to);
  const [job] = await db.selectFrom('jobs').selectAll().execute();
  expect(job).toMatchObject({ id: finished.id, state: 'failed', error_code: 'HANABI-W009' });
  await db.destroy();
});

const refused = async (to: string, backup: string, why: RegExp) => {
  const { status, stderr } = await hanabi(to, 'restore', backup);
  expect(status).toBe(2);
  expect(stderr).toMatch(why);
};

describe('is refused', () => {
  it('where a part of it is damaged or missing, and restores once that is mended', async () => {
    const backup = await backUp();
    const to = await newFolder();
    await flip(join(backup, 'tables', 'files.jsonl'));
    await refused(to, backup, /files\.jsonl is damaged/);
    await flip(join(backup, 'tables', 'files.jsonl'));
    const hash = sha256Of('theirs');
    const blob = join(backup, 'blobs', hash.slice(0, 2), hash);
    await flip(blob);
    await refused(to, backup, new RegExp(`${hash} is damaged`));
    await rm(blob);
    await refused(to, backup, /1 contents are missing/);
    await writeFile(blob, 'theirs');
    expect((await hanabi(to, 'restore', backup)).status).toBe(0);
    // The server that it was made of has lost nothing by all that.
    expect(await checkStorage({ HANABI_DATA_DIR: server.data_dir })).toMatchObject({ status: 0, troubles: [] });
  }, 60_000);

  it('where there is data, and where there is no backup', async () => {
    const backup = await backUp();
    await refused(server.data_dir, backup, /there is data already/);
    const empty = await newFolder();
    await refused(empty, empty, /is no backup/);
    const second = await hanabi(server.data_dir, 'backup', backup);
    expect(second.stderr).toMatch(/is not empty/);
    expect((await readdir(backup)).sort()).toEqual(['backup.json', 'blobs', 'files', 'tables']);
  });
});
