import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateManifest } from '../src/index.ts';

const FIXTURES = new URL('../../../fixtures/manifests/', import.meta.url);

interface Fixture {
  why: string;
  manifest: unknown;
  /** What the validated manifest holds, among other things. */
  becomes?: object;
  /** Every place with a problem, in any order; `says` is a part of a message about it. */
  problems?: { code: string; path: string; says?: string }[];
}

function fixtures(kind: 'valid' | 'invalid'): [string, Fixture][] {
  const folder = new URL(`${kind}/`, FIXTURES);
  return readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]);
}

test.each(fixtures('valid'))('%s is accepted', (_, { manifest, becomes }) => {
  const verdict = validateManifest(manifest);
  expect(verdict.problems).toEqual([]);
  expect(verdict.manifest).toMatchObject(becomes!);
});

test.each(fixtures('invalid'))('%s is refused', (_, { manifest, problems = [] }) => {
  const verdict = validateManifest(manifest);
  expect(verdict.ok).toBe(false);
  expect(places(verdict.problems)).toEqual(places(problems));
  for (const { path, says } of problems) {
    const messages = verdict.problems.filter((problem) => problem.path === path).map((problem) => problem.message);
    expect(messages).toContainEqual(expect.stringContaining(says ?? ''));
  }
});

const places = (problems: { code: string; path: string }[]) =>
  new Set(problems.map(({ code, path }) => `${code} at "${path}"`));

test('a validated manifest is accepted again and stays as it is', () => {
  for (const [, { manifest }] of fixtures('valid')) {
    const once = validateManifest(manifest);
    expect(validateManifest(JSON.parse(JSON.stringify(once.manifest)))).toEqual(once);
  }
});
