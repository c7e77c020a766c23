/**
 * Reads how a suite ended. One rule stands above all: a suite whose process failed has at least one failure, whatever
 * its report says or does not say.
 */
import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} SuiteRun
 * @property {number} code exit code
 * @property {string} output
 * @property {string} report file the runner was to write its report to
 *
 * @typedef {{ name: string, why: string }} Skipped
 *
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {readonly Skipped[]} skipped
 *
 * @typedef {object} VitestReport what tools/suites/vitest-report.ts writes
 * @property {number} passed
 * @property {number} failed
 * @property {Skipped[]} skipped
 *
 * @typedef {object} PlaywrightTest
 * @property {'expected' | 'unexpected' | 'flaky' | 'skipped'} status
 * @property {{ type: string, description?: string }[]} annotations
 *
 * @typedef {object} PlaywrightSuite
 * @property {{ title: string, tests: PlaywrightTest[] }[]} [specs]
 * @property {PlaywrightSuite[]} [suites]
 */

/**
 * A check counts as one test.
 * @param {SuiteRun} run
 * @returns {Result}
 */
export const readCheck = ({ code }) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] });

/**
 * @param {SuiteRun} run
 * @returns {Result}
 */
export function readVitest({ code, report }) {
  /** @type {VitestReport} */
  const counts = readReport(report) ?? { passed: 0, failed: 0, skipped: [] };
  return atLeastOneFailure(code, counts);
}

/**
 * @param {SuiteRun} run
 * @returns {Result}
 */
export function readPlaywright({ code, report }) {
  const counts = { passed: 0, failed: 0, skipped: /** @type {Skipped[]} */ ([]) };
  /** @param {PlaywrightSuite} suite */
  const visit = (suite) => {
    for (const { title, tests } of suite.specs ?? []) {
      for (const test of tests) {
        if (test.status === 'expected') counts.passed += 1;
        else if (test.status !== 'skipped') counts.failed += 1;
        else
          counts.skipped.push({ name: title, why: test.annotations.map((note) => note.description ?? '').join(' ') });
      }
    }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  visit(readReport(report) ?? {});
  return atLeastOneFailure(code, counts);
}

/**
 * @param {SuiteRun} run
 * @returns {Result}
 */
export function readUnittest({ code, output }) {
  const ran = Number(/^Ran (\d+) tests? in /m.exec(output)?.[1] ?? 0);
  const count = (/** @type {string} */ what) => Number(new RegExp(`\\b${what}=(\\d+)`).exec(output)?.[1] ?? 0);
  const failed = count('failures') + count('errors') + count('unexpected successes');
  const skipped = [...output.matchAll(/^(.*?) \.\.\. skipped ['"](.*)['"]$/gm)].map(([, name = '', why = '']) => ({
    name,
    why,
  }));
  return atLeastOneFailure(code, { passed: Math.max(0, ran - failed - skipped.length), failed, skipped });
}

/**
 * @param {number} code
 * @param {Result} result
 * @returns {Result}
 */
function atLeastOneFailure(code, result) {
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}

/** @param {string} file */
function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
