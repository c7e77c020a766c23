import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { CAPABILITY_TYPES, capabilityRow, ERRORS, EVENTS, isPermission } from '../src/index.ts';

describe.each(CAPABILITY_TYPES)('%s', (type) => {
  const row = capabilityRow(type);
  const fields = Object.keys(row.payload.shape);

  test('is named, described and answered by someone', () => {
    expect(type).toMatch(/^HANABI_[A-Z]+(?:_[A-Z]+)*$/);
    expect(row.sdk).toMatch(/^(?:[a-z]+\.)?[a-z]+(?:[A-Z][a-z]+)*$/);
    expect(row.summary).toMatch(/^[A-Z].+\.$/);
    expect(['web', 'server']).toContain(row.home);
  });

  test('names permissions, errors and events that exist', () => {
    const permissions = [...(row.needs.all ?? []), ...(row.needs.any ?? []), row.needsWhen?.declared, row.widenedBy];
    for (const name of permissions) if (name !== undefined) expect(isPermission(name), name).toBe(true);
    for (const code of row.errors) expect(ERRORS).toHaveProperty(code);
    for (const event of row.events ?? []) expect(EVENTS).toHaveProperty(event);
    expect(new Set(row.errors).size).toBe(row.errors.length);
  });

  test('takes its scoped ids, and what widens its needs, from fields of the payload', () => {
    const sources = Object.values(row.scope).flatMap((rule) => {
      if ('fileFrom' in rule) return [rule.fileFrom, rule.folderFrom];
      return 'roleFrom' in rule ? [rule.from, rule.roleFrom] : [rule.from];
    });
    for (const field of sources) if (field !== null) expect(fields).toContain(field);
    if (!row.needsWhen) return;
    const { field, equals } = row.needsWhen;
    expect(row.payload.safeParse({ ...row.example, [field]: equals }).error).toBeUndefined();
  });

  test('carries an example that its own schema accepts', () => {
    expect(row.payload.safeParse(row.example).error).toBeUndefined();
  });

  test('refuses a field that it does not know', () => {
    expect(row.payload.safeParse({ ...row.example, unheard_of: 1 }).success).toBe(false);
  });

  test('never has a field that the envelope would swallow', () => {
    for (const name of ['v', 'type', 'rid']) expect(fields).not.toContain(name);
  });

  test('can be written down as JSON Schema', () => {
    expect(z.toJSONSchema(row.payload, { io: 'input', unrepresentable: 'any' })).toMatchObject({
      type: 'object',
      additionalProperties: false,
    });
    expect(z.toJSONSchema(withoutNull(row.result), { unrepresentable: 'any' })).toHaveProperty('type', 'object');
  });
});

test('no two rows share a method of the SDK', () => {
  const methods = CAPABILITY_TYPES.map((type) => capabilityRow(type).sdk);
  expect(new Set(methods).size).toBe(methods.length);
});

test('an event never looks like a request or a reply', () => {
  for (const name of Object.keys(EVENTS)) {
    expect(CAPABILITY_TYPES).not.toContain(name);
    expect(name).not.toMatch(/_RESULT$/);
  }
});

/** An answer is an object, or null where there is nothing. */
function withoutNull(result: z.ZodType): z.ZodType {
  return result instanceof z.ZodNullable ? (result.unwrap() as z.ZodType) : result;
}
