/** The two steps from requirements to a layer: finding out what they mean, and unpacking that. */
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, LibraryResolution, LibraryUnpacking, LIMITS } from '@hanabi/protocol';
import type { BuildBox, BuildFolders } from './build-box.ts';
import { BuildError } from './build-box.ts';
import { type IndexClient, IndexError } from './index-client.ts';
import { IndexServer, isWheelName } from './index-server.ts';
import { linkSystemLibraries, sealFolder } from './layer-folder.ts';
import type { LibraryLock, LockedWheel } from './libraries.ts';

export interface BuildParts {
  box: BuildBox;
  folders: BuildFolders;
  /** Undefined: no index is configured. */
  client: IndexClient | undefined;
  signal: AbortSignal;
}

interface Resolved {
  lock: LibraryLock;
  /** Where the wheels of the lock lie, in its order. */
  paths: string[];
}

/** Throws HANABI-W018 with the reason of the resolver, or of the index that it asked. */
export async function resolveRequirements(
  { box, folders, client, signal }: BuildParts,
  requirements: string[],
  python: string,
  system: boolean,
): Promise<Resolved> {
  const server = client && new IndexServer(client, folders.wheels_dir);
  try {
    await server?.listen(join(folders.index_dir, 'index.sock'), box.uid);
    await writeRequest(folders, { requirements, index: client !== undefined, system });
    const answer = LibraryResolution.parse(await box.run('resolve', folders, signal));
    if (!answer.ok) throw refusal(answer.message, server);
    const found: { wheel: LockedWheel; path: string }[] = [];
    for (const { name, version, url } of answer.packages) {
      if (!server) throw new BuildError('the resolver found wheels where it had no index');
      const { path, ...kept } = await server.wheelOf(url);
      found.push({ wheel: { name, version, ...kept }, path });
    }
    found.sort((a, b) => (a.wheel.file < b.wheel.file ? -1 : 1));
    const lock = { requirements, python, wheels: found.map(({ wheel }) => wheel), system: answer.system };
    return { lock, paths: found.map(({ path }) => path) };
  } finally {
    await server?.close();
  }
}

/** The wheels of a lock from the index once more; each has to have the hash that was locked. */
export async function fetchLocked({ folders, client }: BuildParts, { wheels }: LibraryLock): Promise<string[]> {
  const paths: string[] = [];
  for (const [number, { name, file, sha256 }] of wheels.entries()) {
    if (!client) throw new HanabiError('HANABI-W018', `${file} is gone from the data folder, and there is no index`);
    const page = await client.page(normalized(name));
    const offered = page?.find(({ filename }) => filename === file);
    if (!offered) throw new IndexError(`the index has no ${file} any more`);
    const path = join(folders.wheels_dir, `locked-${number}`);
    await client.download({ ...offered, sha256 }, path);
    paths.push(path);
  }
  return paths;
}

/** The folder of the layer, ready to be moved to its place. `paths` are the wheels, in the order of the lock. */
export async function unpackLayer(
  { box, folders, signal }: BuildParts,
  { wheels, system }: LibraryLock,
  paths: readonly string[],
): Promise<string> {
  for (const [index, { file }] of wheels.entries()) {
    if (!isWheelName(file)) throw new BuildError(`"${file}" is not the name of a wheel`);
    const target = join(folders.input_dir, file);
    await rename(paths[index]!, target);
    await chmod(target, 0o644);
  }
  const [files_max, bytes_max] = [LIMITS.library_layer_files_max, LIMITS.library_layer_bytes_max];
  await writeRequest(folders, { files: wheels.map(({ file }) => file), files_max, bytes_max });
  const answer = LibraryUnpacking.parse(await box.run('unpack', folders, signal));
  if (!answer.ok) throw new HanabiError('HANABI-W018', answer.message);
  const layer = join(folders.output_dir, 'layer');
  await sealFolder(layer);
  await linkSystemLibraries(layer, system);
  return layer;
}

async function writeRequest({ input_dir }: BuildFolders, request: unknown): Promise<void> {
  const path = join(input_dir, 'request.json');
  await writeFile(path, JSON.stringify(request));
  await chmod(path, 0o644); // whatever the umask is
}

/** The reason of the index is worth more than what the resolver makes of it. */
function refusal(message: string, server: IndexServer | undefined): HanabiError {
  const reasons = server?.problems.length ? [...new Set(server.problems)] : [message];
  for (const name of server?.withoutWheels ?? []) {
    if (
      message
        .toLowerCase()
        .replace(/[-_.]+/g, '-')
        .includes(name)
    ) {
      reasons.push(`the index has ${name} only as source, and nothing is built here: wheels only`);
    }
  }
  if (!server) reasons.push('no package index is configured (HANABI_PYTHON_INDEX_URL)');
  return new HanabiError('HANABI-W018', reasons.join('; '));
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
