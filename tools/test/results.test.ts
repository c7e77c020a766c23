import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCheck, readPlaywright, readUnittest, readVitest } from '../suites/results.mjs';

let folder: string;
let report: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hanabi-results-'));
  report = path.join(folder, 'report.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const spec = (title: string, status: string, annotations: object[] = []) => ({
  title,
  tests: [{ status, annotations }],
});

const write = (content: unknown) => writeFileSync(report, JSON.stringify(content));

test('a check is one test', () => {
  expect(readCheck({ code: 0, output: '', report })).toEqual({ passed: 1, failed: 0, skipped: [] });
  expect(readCheck({ code: 2, output: '', report })).toEqual({ passed: 0, failed: 1, skipped: [] });
});

test('a suite that crashed without a report has failed', () => {
  for (const read of [readVitest, readPlaywright, readUnittest]) {
    expect(read({ code: 134, output: 'Segmentation fault', report })).toMatchObject({ passed: 0, failed: 1 });
  }
});

test('a report of success does not outweigh a failed process', () => {
  write({ passed: 3, failed: 0, skipped: [] });
  expect(readVitest({ code: 1, output: '', report })).toMatchObject({ passed: 3, failed: 1 });
});

test('playwright tests are counted through nested suites', () => {
  write({
    suites: [
      {
        specs: [spec('signs in', 'expected')],
        suites: [
          {
            specs: [
              spec('uploads', 'unexpected'),
              spec('sometimes', 'flaky'),
              spec('webkit', 'skipped', [{ type: 'skip', description: 'not installed' }]),
            ],
          },
        ],
      },
    ],
  });
  expect(readPlaywright({ code: 1, output: '', report })).toEqual({
    passed: 1,
    failed: 2,
    skipped: [{ name: 'webkit', why: 'not installed' }],
  });
});

test('unittest results are read from what it prints', () => {
  const output = `test_a (test_wire.Wire.test_a) ... ok
test_b (test_wire.Wire.test_b) ... skipped 'needs PIL'
test_c (test_wire.Wire.test_c) ... FAIL
test_d (test_wire.Wire.test_d) ... ERROR

Ran 4 tests in 0.012s

FAILED (failures=1, errors=1, skipped=1)
`;
  expect(readUnittest({ code: 1, output, report })).toEqual({
    passed: 1,
    failed: 2,
    skipped: [{ name: 'test_b (test_wire.Wire.test_b)', why: 'needs PIL' }],
  });
});
