/** Folders that sandboxes are made of: our /etc, the compiled runner, copies of packages that a slot could not reach. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, link, lstat, mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { HanabiError } from '@hanabi/protocol';
import { runnerFolder, workflowFolder } from '../assets.ts';
import { removeTree } from '../output-folder/remove-tree.ts';
import { unmountBelow, unmountStale } from '../output-folder/sized-file-system.ts';
import { SHOWN_TO_NATIVE } from './native-tools.ts';
import type { Tools } from './tools.ts';

const run = promisify(execFile);

export const IS_ROOT = process.getuid?.() === 0;

/**
 * The folder that slots lie in. As root it must be reachable for the users of the slots, which a work folder below
 * /root is not; then a folder of ours in /var/tmp is, where input files can most often still be hard-linked to.
 */
export async function prepareRoot(work_dir: string): Promise<string> {
  let root = join(work_dir, 'sandbox');
  if (IS_ROOT && !(await isReachable(work_dir))) {
    const mark = createHash('sha256').update(work_dir).digest('hex').slice(0, 16);
    root = `/var/tmp/hanabi-sandbox-${mark}`;
  }
  await mkdir(root, { recursive: true, mode: 0o711 });
  const found = await lstat(root);
  if (!found.isDirectory() || found.uid !== process.getuid!() || (found.mode & 0o022) !== 0) {
    throw new Error(`${root} is there already and is not ours`);
  }
  await chmod(root, 0o711);
  if (IS_ROOT) {
    await unmountBelow(root);
    await unmountStale();
  }
  // A killed supervisor leaves what its workers wrote, and that may be a tree that Node cannot remove.
  await removeTree(root);
  return root;
}

/** Names for the users that a program may look up, and places for the files of the host that are mounted over them. */
export async function prepareEtc(root: string): Promise<string> {
  const etc = join(root, 'etc');
  const shown = SHOWN_TO_NATIVE.filter((path) => path.startsWith('/etc/')).map((path) => path.slice('/etc/'.length));
  for (const name of ['alternatives', ...shown]) await mkdir(join(etc, name), { recursive: true });
  await writeFile(join(etc, 'passwd'), 'nobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin\n');
  await writeFile(join(etc, 'group'), 'nogroup:x:65534:\n');
  await writeFile(join(etc, 'ld.so.cache'), '');
  await openToSlots(etc);
  return etc;
}

const WITHOUT_BYTE_CODE = { recursive: true, filter: (path: string) => !path.endsWith('__pycache__') };

/** The runner, and in a folder of it the package for workflows, with their byte code beside it: compiling it anew would cost each job more than bubblewrap does. */
export async function prepareRunner(root: string, tools: Pick<Tools, 'python'>): Promise<string> {
  const runner = join(root, 'runner');
  await cp(runnerFolder(), runner, WITHOUT_BYTE_CODE);
  await cp(workflowFolder(), join(runner, 'packages', 'hanabi_workflow'), WITHOUT_BYTE_CODE);
  const compile = [
    'import compileall, py_compile, sys',
    'mode = py_compile.PycInvalidationMode.UNCHECKED_HASH',
    'ok = compileall.compile_dir(sys.argv[1], ddir="/runner/hanabi_runner", quiet=1, invalidation_mode=mode)',
    'sys.exit(not ok)',
  ].join('\n');
  // A machine with an image to run workers in needs no Python; one of another version does no harm.
  if (existsSync(tools.python)) await run(tools.python, ['-I', '-S', '-c', compile, runner], { env: {} });
  await openToSlots(runner);
  return runner;
}

/** Packages as slots can reach them: where they are, or as a copy. */
export class Packages {
  readonly #root: string;
  readonly #copies = new Map<string, Promise<string> | undefined>();

  constructor(root: string) {
    this.#root = join(root, 'packages');
  }

  /**
   * Changes whenever the folder was replaced or its worker was edited. A missing worker has a key too: the runner
   * then tells its author.
   */
  async key(module_dir: string, entry: string): Promise<string> {
    const folder = await stat(module_dir).catch((cause: unknown) => {
      throw new HanabiError('HANABI-W013', 'the package is not there', { cause });
    });
    const worker = await stat(join(module_dir, entry)).catch(() => undefined);
    return [module_dir, folder.dev, folder.ino, worker?.mtimeMs, worker?.size].join('|');
  }

  async reach(module_dir: string, entry: string, key: string): Promise<string> {
    const paths = [module_dir, join(module_dir, dirname(entry)), join(module_dir, entry)];
    if (!IS_ROOT || ((await isReachable(module_dir)) && (await Promise.all(paths.map(isReadable))).every(Boolean))) {
      return module_dir;
    }
    let copy = this.#copies.get(key);
    if (!copy) {
      const target = join(this.#root, String(this.#copies.size));
      copy = cp(module_dir, target, { recursive: true, verbatimSymlinks: true }).then(async () => {
        await openToSlots(target);
        await chmod(this.#root, 0o711);
        return target;
      });
      this.#copies.set(key, copy);
    }
    return copy;
  }

  /** Layers never change, so a link to each of their files is as good as a copy. */
  async reachLayer(layer_dir: string): Promise<string> {
    if (!IS_ROOT || (await isReachable(layer_dir))) return layer_dir;
    let tree = this.#copies.get(layer_dir);
    if (!tree) {
      const target = join(this.#root, String(this.#copies.size));
      tree = linkTree(layer_dir, target).then(async () => {
        await chmod(this.#root, 0o711);
        return target;
      });
      this.#copies.set(layer_dir, tree);
      tree.catch(() => this.#copies.set(layer_dir, undefined)); // the next job tries again, under another number
    }
    return tree;
  }
}

/** The same files under another name where the file system allows, else copies of them. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755); // whatever the umask is
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target).catch(() => copyFile(source, target));
  }
}

/** Whether a user without rights of its own can walk to something in a folder. */
async function isReachable(folder: string): Promise<boolean> {
  for (let parent = folder; ; parent = dirname(parent)) {
    if (((await stat(parent)).mode & 0o001) === 0) return false;
    if (parent === dirname(parent)) return true;
  }
}

/** What is missing the runner reports. */
async function isReadable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || (found.mode & 0o004) !== 0;
}

/** Whatever the umask was. */
export async function openToSlots(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return;
  await chmod(path, found.isDirectory() ? 0o755 : 0o644);
  if (!found.isDirectory()) return;
  for (const name of await readdir(path)) await openToSlots(join(path, name));
}
