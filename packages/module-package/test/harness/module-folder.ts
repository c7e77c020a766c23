import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MANIFEST_FILE, type ManifestInput } from '@hanabi/protocol';

const MANIFEST: ManifestInput = {
  schema_version: '5.0',
  id: 'lantern-maker',
  name: 'Lantern Maker',
  version: '1.0.0',
  summary: 'Makes lanterns.',
  entrypoints: { ui: 'ui/index.html' },
  permissions: [],
};

/** A module folder with these files beside a page and the manifest. */
export function moduleFolder(
  dir: string,
  manifest: Partial<ManifestInput> = {},
  files: Record<string, string | Buffer> = {},
): string {
  const all = {
    [MANIFEST_FILE]: JSON.stringify({ ...MANIFEST, ...manifest }),
    'ui/index.html': '<!doctype html><title>Lanterns</title>',
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}
