/** The server by itself: how long a second start takes, what it holds in memory, what a request costs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { type RunningServer, startServer } from '../../apps/server/test/harness/start-server.ts';
import { type Figure, figure } from './figures.ts';

const REQUESTS = 5000;
const AT_A_TIME = 8;

export async function benchServer(): Promise<Figure[]> {
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-bench-'));
  const dir = await makeModule({ id: 'bench-setting', permissions: ['settings.self'] });
  const options = { data_dir, env: { HANABI_MODULE_DIRS: dir } };
  await (await startServer(options)).stop();
  const start = performance.now();
  const server = await startServer(options);
  const boot = performance.now() - start;
  try {
    const api = await apiProcess(server);
    const rss = (await statusKb(api, 'VmRSS')) / 1024;
    const desktop = await Desktop.signIn(server.url);
    const launch = await desktop.launch('bench-setting');
    const ask = () => desktop.ask(launch, 'HANABI_GET_SETTING', { key: 'k' });
    const ours = await cpuPerRequest(ask, () => cpuMs(api));
    const bare = await bareFramework();
    return [
      figure('server.boot', 'ms', boot, 1500, 'target'),
      figure('server.rss', 'MB', rss, 150, 'target'),
      figure('http.capability', 'ms', ours, bare, 'processor time; bare framework with a schema, same request'),
      await sdkSize(),
    ];
  } finally {
    await server.stop();
    await rm(data_dir, { recursive: true, force: true });
  }
}

/** The same request and answer with nothing in between but the framework and a schema. */
async function bareFramework(): Promise<number> {
  const script = new URL('./bare-framework.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const ask = async () => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"key":"k"}' };
      await (await fetch(`${line.toString().trim()}/setting`, init)).text();
    };
    return await cpuPerRequest(ask, () => cpuMs(child.pid!));
  } finally {
    child.kill();
  }
}

export async function apiProcess(server: RunningServer): Promise<number> {
  const children = await readFile(`/proc/${server.process.pid}/task/${server.process.pid}/children`, 'utf8');
  for (const pid of children.trim().split(' ').map(Number)) {
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('api.js')) return pid;
  }
  throw new Error('the API process was not found');
}

export async function statusKb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)![1]);
}

/** Processor time of a process, all its threads; the kernel counts in hundredths of a second. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function cpuPerRequest(ask: () => Promise<unknown>, cpu: () => Promise<number>): Promise<number> {
  const run = async (count: number) => {
    for (let sent = 0; sent < count; sent += AT_A_TIME) await Promise.all(Array.from({ length: AT_A_TIME }, ask));
  };
  await run(REQUESTS / 5);
  const before = await cpu();
  await run(REQUESTS);
  return ((await cpu()) - before) / REQUESTS;
}

async function sdkSize(): Promise<Figure> {
  const entry = new URL('../../packages/module-sdk/src/index.ts', import.meta.url).pathname;
  const built = await build({ entryPoints: [entry], bundle: true, minify: true, format: 'esm', write: false });
  return figure('sdk.size', 'KB', gzipSync(built.outputFiles[0]!.contents).length / 1024, 3, 'target, gzipped');
}
