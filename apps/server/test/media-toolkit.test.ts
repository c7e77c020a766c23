/** The example that calls ffmpeg, on a real video, through the server: refused until it is granted, and then at work. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, Launch } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { hanabi } from './harness/hanabi.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const MODULE = 'media-toolkit-worker';
const missing = ['ffmpeg', 'convert', 'vips', 'gs'].filter((tool) => !existsSync(`/usr/bin/${tool}`));

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
let folder: string;

const convert = (format: string, inputRefs: string[]) =>
  desktop.ask(launch, 'HANABI_CREATE_JOB', { options: { format, width_px: 160 }, inputRefs, stream: true });
const imports = () => launch.context.folders.find(({ role }) => role === 'input')!.id;

async function makeVideo(name: string, withSound = true): Promise<string> {
  const path = join(folder, name);
  const sound = withSound ? ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=3', '-c:a', 'aac'] : [];
  const picture = ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=25:duration=3'];
  const ffmpeg = [
    '-nostdin',
    '-v',
    'error',
    ...picture,
    ...sound,
    '-c:v',
    'libx264',
    '-crf',
    '1',
    '-pix_fmt',
    'yuv420p',
    path,
  ];
  const { status, stderr } = spawnSync('ffmpeg', ffmpeg, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const { id } = await desktop.upload(name, await readFile(path), imports());
  return id;
}

/** What ffprobe sees in an output, read back through the server. */
async function probe(job: Job): Promise<{ format: string; streams: string[]; width: number; size: number }> {
  const [output] = job.outputs;
  const answer = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: output!.id });
  const bytes = Buffer.from(answer.data['bytesB64'] as string, 'base64');
  const path = join(folder, `made-${output!.name}`);
  await writeFile(path, bytes);
  const shown = ['-show_entries', 'format=format_name:stream=codec_name,width', '-of', 'json'];
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', ...shown, path], { encoding: 'utf8' });
  const { format, streams } = JSON.parse(stdout) as {
    format: { format_name: string };
    streams: { codec_name: string; width?: number }[];
  };
  const names = streams.map(({ codec_name }) => codec_name).toSorted();
  return { format: format.format_name, streams: names, width: streams[0]!.width ?? 0, size: bytes.length };
}

describe.skipIf(missing.length > 0)(`the Media Toolkit${missing.length > 0 ? ` (no ${missing.join()})` : ''}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hanabi-media-'));
    server = await startServer({ env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' } });
    desktop = await Desktop.signIn(server.url);
    launch = await desktop.launch(MODULE);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('says what is missing while it is not granted, and works as soon as it is', async () => {
    const video = await makeVideo('first.mp4');
    const refused = await convert('mp3', [video]);
    expect(refused.error).toMatchObject({ code: 'HANABI-W008' });
    expect(refused.error.message).toContain('the media tools need the permission worker.native');

    const granted = await hanabi(server.data_dir, 'module', 'grant', MODULE, 'worker.native');
    expect(granted.status).toBe(0);
    await expect.poll(async () => (await convert('mp3', [video])).ok, { timeout: 20_000 }).toBe(true);
  });

  it('makes an mp3, a gif and a smaller mp4 of a video, and tells how far it is', async () => {
    const video = await makeVideo('trip.mp4');
    const made: Record<string, Awaited<ReturnType<typeof probe>>> = {};
    for (const format of ['mp3', 'gif', 'mp4']) {
      const answer = await convert(format, [video]);
      expect(answer.error).toBeUndefined();
      const { job } = answer.data as { job: Job };
      expect(job.outputs.map(({ name }) => name)).toEqual([`trip.${format}`]);
      made[format] = await probe(job);
      const progress = answer.events.filter((event) => event.type === 'HANABI_JOB_PROGRESS');
      expect(progress.at(-1)).toMatchObject({ progressPct: 100, message: 'Done' });
      expect(progress.length).toBeGreaterThan(1);
    }
    expect(made['mp3']).toMatchObject({ format: 'mp3', streams: ['mp3'] });
    expect(made['gif']).toMatchObject({ format: 'gif', streams: ['gif'], width: 160 });
    expect(made['mp4']).toMatchObject({ streams: ['aac', 'h264'], width: 160 });
    expect(made['mp4']!.size).toBeLessThan((await readFile(join(folder, 'trip.mp4'))).length);
  });

  it('tells its author plainly what a file lacks', async () => {
    const silent = await makeVideo('silent.mp4', false);
    expect((await convert('mp3', [silent])).error.message).toContain('silent.mp4 has no sound');
    const { id } = await desktop.upload('words.mp4', 'these are words', imports());
    const { error } = await convert('gif', [id]);
    expect(error.code).toBe('HANABI-W008');
    expect(error.message).toContain('words.mp4 is no video or sound that ffmpeg can read');
    expect(error.log).toContain('worker/main.py');
    expect(error.log).not.toContain('/module/');
  });

  it('cannot run the tools any more when the grant is taken away', async () => {
    const video = await makeVideo('last.mp4');
    expect((await hanabi(server.data_dir, 'module', 'grant', MODULE, 'worker.native', '--revoke')).status).toBe(0);
    await expect.poll(async () => (await convert('mp3', [video])).ok, { timeout: 20_000 }).toBe(false);
    expect((await convert('mp3', [video])).error.message).toContain('worker.native');
  });
});
