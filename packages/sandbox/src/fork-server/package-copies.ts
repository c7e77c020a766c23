/**
 * Packages where clones find them: the fork server sees one folder of the host, so each package gets a tree of links in
 * it. A tree that no box uses any more goes when its package has changed.
 */
import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HanabiError } from '@hanabi/protocol';

export interface PackageCopy {
  /** Name of the tree in the folder of all. */
  readonly name: string;
  /** To be called once, when the box is dead. */
  release(): void;
}

interface Tree {
  signature: string;
  name: string;
  linked: Promise<void>;
  users: number;
  outdated: boolean;
}

export class PackageCopies {
  readonly #folder: string;
  /** The newest tree of each package. */
  readonly #trees = new Map<string, Tree>();
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async take(module_dir: string, entry: string): Promise<PackageCopy> {
    const signature = signatureOf(module_dir, entry);
    let tree = this.#trees.get(module_dir);
    if (tree?.signature !== signature) {
      if (tree) this.#outdate(tree);
      tree = this.#link(module_dir, signature);
    }
    tree.users += 1;
    const release = () => this.#release(tree);
    try {
      await tree.linked;
    } catch (error) {
      release();
      throw error;
    }
    return { name: tree.name, release };
  }

  #link(module_dir: string, signature: string): Tree {
    this.#made += 1;
    const name = String(this.#made);
    const linked = linkTree(module_dir, join(this.#folder, name));
    const tree: Tree = { signature, name, linked, users: 0, outdated: false };
    linked.catch(() => {
      if (this.#trees.get(module_dir) === tree) this.#trees.delete(module_dir);
      this.#outdate(tree);
    });
    this.#trees.set(module_dir, tree);
    return tree;
  }

  #outdate(tree: Tree): void {
    tree.outdated = true;
    tree.users += 1;
    this.#release(tree);
  }

  #release(tree: Tree): void {
    tree.users -= 1;
    if (tree.outdated && tree.users === 0) {
      const remove = () => rm(join(this.#folder, tree.name), { recursive: true, force: true });
      void tree.linked.catch(() => {}).then(remove);
    }
  }
}

/**
 * Changes with whatever was edited beside or below the worker file, or when the folder was replaced. Asked synchronously:
 * for the few files of a worker that is quicker by far. What is missing the runner reports. Links below are noted and not
 * followed: the tree gets them as links, and two that lead back up would make a tree without end.
 */
function signatureOf(module_dir: string, entry: string): string {
  const folder = statOf(statSync, module_dir);
  if (!folder) throw new HanabiError('HANABI-W013', 'the package is not there');
  const parts = [String(folder.dev), String(folder.ino)];
  const visit = (path: string, below: boolean) => {
    for (const name of readdirSync(path)) {
      const entryPath = join(path, name);
      const found = statOf(lstatSync, entryPath);
      const target = found?.isSymbolicLink() ? readlinkSync(entryPath) : '';
      parts.push(`${entryPath}:${found?.ino}:${found?.size}:${found?.mtimeMs}:${found?.mode}:${target}`);
      if (below && found?.isDirectory()) visit(entryPath, below);
    }
  };
  const worker = join(module_dir, dirname(entry));
  if (statOf(statSync, worker)?.isDirectory()) visit(worker, worker !== module_dir);
  return parts.join('|');
}

/** Undefined: missing, or a link that leads nowhere or back to itself. */
function statOf(look: (path: string) => Stats, path: string): Stats | undefined {
  try {
    return look(path);
  } catch {
    return undefined;
  }
}

/** The same files under other names. One that the users of slots could write, or could not read, is copied. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755); // whatever the umask is
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await linkFile(source, target);
  }
}

async function linkFile(source: string, target: string): Promise<void> {
  if (((await lstat(source)).mode & 0o006) === 0o004) {
    const linked = await link(source, target).then(
      () => true,
      () => false,
    );
    if (linked) return;
  }
  await copyFile(source, target);
  await chmod(target, 0o644);
}
