import { describe, expect, test } from 'vitest';
import { CAPABILITY_TYPES, capabilityRow, checkAccess, holds, PERMISSIONS, type Permission } from '../src/index.ts';

const rights = (declared: Permission[], granted: Permission[] = declared) => ({
  declared: new Set(declared),
  granted: new Set(granted),
});

/** The smallest sets of permissions that satisfy a row. */
function waysIn(needs: ReturnType<typeof capabilityRow>['needs']): Permission[][] {
  const all = [...(needs.all ?? [])];
  return needs.any ? needs.any.map((one) => [...all, one]) : [all];
}

const code = (permission: Permission) => (PERMISSIONS[permission].tier === 'consent' ? 'HANABI-P003' : 'HANABI-P002');

describe.each(CAPABILITY_TYPES)('%s', (type) => {
  const row = capabilityRow(type);
  const payload = { ...row.example };

  for (const way of waysIn(row.needs)) {
    test(`is allowed with [${way.join(', ')}]`, () => {
      expect(() => checkAccess(row, payload, rights(way))).not.toThrow();
    });

    test.each(way)('is refused while %s is not declared, even if it is granted', (missing) => {
      const declared = way.filter((permission) => permission !== missing);
      const error = expect.objectContaining({ code: 'HANABI-P001', category: 'PERMISSION_DENIED' });
      expect(() => checkAccess(row, payload, rights(declared, way))).toThrow(error);
    });

    test.each(way)('is refused while %s is declared but not granted', (missing) => {
      const granted = way.filter((permission) => permission !== missing);
      const error = expect.objectContaining({ code: code(missing), permission: missing });
      expect(() => checkAccess(row, payload, rights(way, granted))).toThrow(error);
    });
  }

  test('is refused with no rights at all, unless it needs none', () => {
    const free = waysIn(row.needs).some((way) => way.length === 0);
    const check = () => checkAccess(row, payload, rights([]));
    if (free) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'HANABI-P001' }));
  });
});

test('what is needed only for one value of a field is asked for with that value only', () => {
  const row = capabilityRow('HANABI_PICK_FILE');
  const own = rights(['files.read']);
  expect(() => checkAccess(row, { scope: 'own' }, own)).not.toThrow();
  expect(() => checkAccess(row, {}, own)).not.toThrow();
  expect(() => checkAccess(row, { scope: 'user' }, own)).toThrow(
    expect.objectContaining({ code: 'HANABI-P001', message: expect.stringContaining('files.read.all') }),
  );
  // Declared is enough: the dialog of the host is the consent.
  const declared = rights(['files.read', 'files.read.all'], ['files.read']);
  expect(() => checkAccess(row, { scope: 'user' }, declared)).not.toThrow();
});

test('a permission is held only when it is both declared and granted', () => {
  expect(holds('files.read', rights(['files.read']))).toBe(true);
  expect(holds('files.read', rights(['files.read'], []))).toBe(false);
  expect(holds('files.read', rights([], ['files.read']))).toBe(false);
});
