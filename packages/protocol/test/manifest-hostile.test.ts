import { anything, array, assert, constantFrom, jsonValue, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { manifestJsonSchema, nearestPermission, PERMISSION_NAMES, validateManifest } from '../src/index.ts';

const MINIMAL = {
  schema_version: '5.0',
  id: 'sample',
  name: 'Sample',
  version: '1.0.0',
  summary: 'A sample.',
  entrypoints: { ui: 'ui/index.html' },
};

const FIELDS = [
  '$schema',
  'id',
  'name',
  'version',
  'summary',
  'entrypoints',
  'permissions',
  'filesystem',
  'dependencies',
  'ui',
  'desktop',
  'worker',
  'portal',
  '__proto__',
  'constructor',
  'schema_version',
];

test('whatever stands in the file, the answer is a verdict and never an exception', () => {
  assert(
    property(jsonValue(), (json) => {
      expect(validateManifest(json).ok).toBe(false);
    }),
  );
  assert(
    property(anything(), (value) => {
      expect(validateManifest(value).ok).toBe(false);
    }),
  );
});

test('what stands twice counts once, so that nobody counts or draws it twice', () => {
  const { manifest } = validateManifest({
    ...MINIMAL,
    permissions: ['notifications', 'data.store', 'notifications'],
    dependencies: { connectors: ['llm', 'llm'] },
  });
  expect(manifest?.permissions).toEqual(['notifications', 'data.store']);
  expect(manifest?.dependencies.connectors).toEqual(['llm']);
});

test('one wild field in an otherwise good manifest never throws, and what passes keeps the promises', () => {
  assert(
    property(constantFrom(...FIELDS), jsonValue(), (field, value) => {
      const json: unknown = JSON.parse(
        `{${JSON.stringify(MINIMAL).slice(1, -1)},${JSON.stringify(field)}:${JSON.stringify(value)}}`,
      );
      const { manifest, problems } = validateManifest(json);
      expect(manifest === undefined).toBe(problems.length > 0);
      for (const folder of manifest?.filesystem.folders ?? []) {
        expect(folder.path.startsWith(`${manifest!.filesystem.root}/`)).toBe(true);
      }
    }),
  );
});

test('no folder of an accepted manifest lies outside its root', () => {
  const part = constantFrom('Modules', 'Sample', 'In', '..', '.', '', '~', 'Other', '\u0000', '\\');
  const path = array(part, { maxLength: 6 }).map((parts) => parts.join('/'));
  const folder = record({ id: constantFrom('a', 'b'), name: string(), role: constantFrom('input', 'output'), path });
  assert(
    property(path, array(folder, { maxLength: 3 }), (root, folders) => {
      const { manifest } = validateManifest({ ...MINIMAL, filesystem: { root, folders } });
      for (const accepted of manifest?.filesystem.folders ?? []) {
        expect(accepted.path).toMatch(/^Modules\/(?:[^/]+\/)+[^/]+$/);
        expect(accepted.path.split('/')).not.toContain('..');
        expect(accepted.path.startsWith(`${manifest!.filesystem.root}/`)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('an own __proto__ in the file changes no object', () => {
  validateManifest(JSON.parse('{"__proto__":{"polluted":1},"ui":{"__proto__":{"polluted":1}}}'));
  expect({}).not.toHaveProperty('polluted');
});

test('long and many wrong values are refused without long thought and with a bounded answer', () => {
  const long = 'files.read'.repeat(20_000);
  const verdict = validateManifest({ ...MINIMAL, permissions: Array.from({ length: 64 }, () => long) });
  expect(JSON.stringify(verdict).length).toBeLessThan(64 * 200);
  const many = validateManifest({ ...MINIMAL, permissions: Array.from({ length: 100_000 }, () => 'files.reed') });
  expect(many.problems.length).toBeLessThanOrEqual(200);
  const origin = `https://${'a-'.repeat(100_000)}`;
  expect(validateManifest({ ...MINIMAL, dependencies: { services: [origin] } }).ok).toBe(false);
});

test('a known permission is its own nearest name, and one slip finds it again', () => {
  for (const name of PERMISSION_NAMES) {
    expect(nearestPermission(name)).toBe(name);
    expect(nearestPermission(name.toUpperCase())).toBe(name);
    expect(nearestPermission(`${name}x`)).toBe(name);
  }
});

test('the JSON Schema for editors names every field and requires what the validator requires', () => {
  const schema = manifestJsonSchema();
  const properties = expect.objectContaining({ permissions: expect.anything(), $schema: expect.anything() });
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false, properties });
  expect(schema['required']).toEqual(Object.keys(MINIMAL));
});
