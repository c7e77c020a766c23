/**
 * The images that workers run in, made without an image registry: a Debian system from the mirror that this machine
 * uses, reduced to what a worker is to see, and handed to the engine as one layer.
 */
import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { imageFolder } from '../assets.ts';
import { Engine } from './engine.ts';
import type { ContainerSettings } from './settings.ts';

const run = promisify(execFile);

const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const SECURITY_MIRROR = 'http://deb.debian.org/debian-security';
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_LINES = 5;

/** What is being done, and how much of the whole is done. */
export interface ImageBuildStep {
  pct: number;
  message: string;
}

export interface WorkerImage {
  name: string;
  /** Digest: what the sandbox will run. */
  id: string;
  size_bytes: number;
}

export interface ImageBuildOptions {
  settings: ContainerSettings;
  /** With the media tools; undefined or false: Python alone. */
  native?: boolean | undefined;
  /** Where the finished root tree is kept and, if it is there already, taken from; undefined: it is not kept. */
  archive?: string | undefined;
}

/** Needs root. Throws an Error that names the tool that failed, with the end of what it said. */
export async function* buildWorkerImage(options: ImageBuildOptions): AsyncGenerator<ImageBuildStep, WorkerImage, void> {
  const { settings, native = false } = options;
  const name = native ? settings.native_image : settings.image;
  if (/^sha256:|@sha256:/.test(name)) throw new Error(`"${name}" is a digest, which no image can be built to`);
  const engine = new Engine(settings.socket_path);
  // Asked first: a tree that nobody takes would be minutes for nothing.
  await engine.ask('GET', '/version').catch((cause: unknown) => {
    throw new Error(`no Docker answers at ${settings.socket_path}: ${(cause as Error).message}`, { cause });
  });
  const work_dir = await mkdtemp(join(tmpdir(), 'hanabi-image-'));
  try {
    const archive = options.archive ?? join(work_dir, 'root.tar');
    if (!existsSync(archive)) yield* makeArchive(work_dir, archive, native);
    yield { pct: 90, message: `Handing the image to Docker as ${name}` };
    const id = await importArchive(engine, archive, name);
    const { Size } = await engine.ask<{ Size: number }>('GET', `/images/${encodeURIComponent(id)}/json`);
    return { name, id, size_bytes: Size };
  } finally {
    engine.close();
    // Should a mount of debootstrap's be left in it, that is not followed.
    await run('rm', ['-rf', '--one-file-system', work_dir]);
  }
}

async function* makeArchive(
  work_dir: string,
  archive: string,
  native: boolean,
): AsyncGenerator<ImageBuildStep, void, void> {
  if (process.getuid?.() !== 0) throw new Error('a root tree can only be made by root: use sudo');
  const [system, reduced] = [join(work_dir, 'system'), join(work_dir, 'reduced')];
  const mirror = await ownMirror();
  yield { pct: 0, message: `Fetching Debian ${SUITE} from ${mirror}` };
  await tool('debootstrap', ['--variant=minbase', '--force-check-gpg', SUITE, system, mirror]);
  yield { pct: 50, message: `Installing ${native ? 'Python and the media tools' : 'Python'}, with security updates` };
  await installPackages(system, mirror, await packagesOf(native));
  yield { pct: 80, message: 'Reducing it to what a worker is to see' };
  await tool('sh', [join(imageFolder(), 'reduce.sh'), system, reduced]);
  await mkdir(dirname(archive), { recursive: true });
  // Beside and renamed: it is whole or absent, also when two build it at once.
  const part = `${archive}.${process.pid}`;
  await tool('tar', ['-C', reduced, '--numeric-owner', '--sort=name', '-cf', part, '.']);
  await rename(part, archive);
}

async function installPackages(system: string, mirror: string, packages: string[]): Promise<void> {
  const sources = [`deb ${mirror} ${SUITE} main`, `deb ${SECURITY_MIRROR} ${SUITE}-security main`];
  await writeFile(join(system, 'etc/apt/sources.list'), `${sources.join('\n')}\n`);
  const apt = ['apt-get', '-y', '-q', '-o', 'Acquire::Retries=2', '-o', 'Dpkg::Options::=--force-unsafe-io'];
  await tool('chroot', [system, ...apt, 'update']);
  await tool('chroot', [system, ...apt, 'upgrade']);
  await tool('chroot', [system, ...apt, 'install', '--no-install-recommends', ...packages]);
}

/** Lines of "image package". The native image has all of the other one, too. */
async function packagesOf(native: boolean): Promise<string[]> {
  const lines = (await readFile(join(imageFolder(), 'packages.txt'), 'utf8')).trim().split('\n');
  return lines
    .map((line) => line.split(' ') as [string, string])
    .filter(([image]) => native || image === 'python')
    .map(([, name]) => name);
}

/** Where this machine gets its own packages from, if it is a Debian. */
async function ownMirror(): Promise<string> {
  const args = ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages'];
  const { stdout } = await run('apt-get', args, { env: SYSTEM }).catch(() => ({ stdout: '' }));
  const own = stdout
    .split('\n')
    .map((line) => /^Debian (https?:\/\/\S+?)\/?$/.exec(line)?.[1])
    .find((uri) => uri && !uri.includes('security'));
  return own ?? MIRROR;
}

async function importArchive(engine: Engine, archive: string, name: string): Promise<string> {
  const [repo, tag = 'latest'] = name.split(/:(?=[^/:]*$)/);
  let id = '';
  const query = `fromSrc=-&repo=${encodeURIComponent(repo!)}&tag=${encodeURIComponent(tag)}`;
  for await (const { status, error } of engine.upload(`/images/create?${query}`, createReadStream(archive))) {
    if (error) throw new Error(`Docker does not take the image: ${error}`);
    if (status?.startsWith('sha256:')) id = status;
  }
  if (!id) throw new Error('Docker did not say what became of the image');
  return id;
}

const SYSTEM = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

async function tool(file: string, args: string[]): Promise<void> {
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name));
  try {
    await run(file, args, { env: { ...SYSTEM, ...Object.fromEntries(proxies) }, maxBuffer: OUTPUT_BYTES_MAX });
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw new Error(`${file} is not installed: apt-get install ${file}`, { cause: error });
    const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-ERROR_LINES).join('\n');
    throw new Error(`${file} failed:\n${said}`, { cause: error });
  }
}
