/** Writes small modules for tests, real packages on disk. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MANIFEST_FILE, type ManifestInput, type Permission } from '@hanabi/protocol';

export interface ModuleWish {
  id: string;
  permissions?: Permission[];
  worker?: string;
  manifest?: Partial<ManifestInput>;
  files?: Record<string, string>;
}

/** Folder of the new module; its name in the manifest is its id. */
export async function makeModule({ id, permissions = [], worker, manifest, files = {} }: ModuleWish): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-module-'));
  const json: ManifestInput = {
    schema_version: '5.0',
    id,
    name: id,
    version: '1.0.0',
    summary: `The module ${id} of a test`,
    entrypoints: worker === undefined ? { ui: 'ui/index.html' } : { ui: 'ui/index.html', worker: 'worker/main.py' },
    permissions,
    ...manifest,
  };
  const all: Record<string, string> = {
    [MANIFEST_FILE]: JSON.stringify(json),
    'ui/index.html': '<!doctype html><title>test</title><script src="main.js"></script>',
    'ui/main.js': 'document.title = "ran";',
    ...files,
  };
  if (worker !== undefined) all['worker/main.py'] = worker;
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}
