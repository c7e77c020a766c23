import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MANIFEST_FILE, validateManifest } from '../src/index.ts';

const HOUSE = new URL('../../../', import.meta.url);

const modules = ['modules/', 'examples/modules/'].flatMap((folder) =>
  readdirSync(new URL(folder, HOUSE)).map((name) => new URL(`${folder}${name}/`, HOUSE)),
);

test.each(modules.map((folder) => [folder.pathname.slice(HOUSE.pathname.length), folder] as const))(
  '%s has a valid manifest, and what it names is there',
  (_, folder) => {
    const { manifest, problems } = validateManifest(JSON.parse(readFileSync(new URL(MANIFEST_FILE, folder), 'utf8')));
    expect(problems).toEqual([]);
    expect(folder.pathname.endsWith(`/${manifest!.id}/`)).toBe(true);
    for (const path of Object.values(manifest!.entrypoints)) expect(existsSync(new URL(path, folder)), path).toBe(true);
    expect(existsSync(new URL('README.md', folder))).toBe(true);
    if (manifest!.entrypoints.worker) {
      expect(readdirSync(new URL('tests/sample-inputs/', folder)).length).toBeGreaterThan(0);
    }
  },
);
