/** Runs suites side by side, few at a time, and tells how each of them ended as soon as it has. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { CACHE } from '../setup/paths.mjs';
import { run } from '../setup/run.mjs';
import { elapsed, showProgress } from '../setup/steps.mjs';

/** Each suite keeps about two cores busy at its peaks and one on average. */
const SIDE_BY_SIDE = Math.max(2, Math.floor(availableParallelism() / 2));
const REPORTS = path.join(CACHE, 'reports');

/**
 * @typedef {import('./suites.mjs').Suite} Suite
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {Result & { name: string }} Outcome
 */

/**
 * @param {readonly Suite[]} suites
 * @param {Promise<boolean>} built whether the build went well
 * @returns {Promise<Outcome[]>}
 */
export async function runSuites(suites, built) {
  const waiting = [...suites];
  /** @type {Set<string>} */
  const running = new Set();
  /** @type {Outcome[]} */
  const outcomes = [];
  let buildOk = /** @type {boolean | undefined} */ (undefined);
  void built.then((ok) => {
    buildOk = ok;
  });
  const progress = showProgress(() => `running ${[...running].join(', ')}; ${waiting.length} to go`);

  // The longest first; but while the build lasts a short one, so that its end finds a free lane.
  const next = () => {
    const index = buildOk === undefined ? waiting.findLastIndex(({ built: needed }) => !needed) : 0;
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  };
  const lane = async () => {
    while (waiting.length > 0) {
      const suite = next();
      if (!suite) {
        await built;
        continue;
      }
      running.add(suite.name);
      outcomes.push(suite.built && !buildOk ? notRun(suite, 'the build failed') : await runSuite(suite));
      running.delete(suite.name);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  progress.end();
  return outcomes;
}

/**
 * @param {Suite} suite
 * @returns {Promise<Outcome>}
 */
export async function runSuite({ name, command, read }) {
  const start = performance.now();
  const report = path.join(REPORTS, `${name}.json`);
  mkdirSync(REPORTS, { recursive: true });
  rmSync(report, { force: true });
  const env = {
    ...process.env,
    HANABI_TEST_REPORT: report,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    PYTHONDONTWRITEBYTECODE: '1',
    NO_COLOR: '1',
  };
  const [program = '', ...args] = command;
  const { code, output } = await run(program, args, { env });
  // Of suites that went well nothing is printed; how long each of their tests took can be read here.
  writeFileSync(path.join(REPORTS, `${name}.log`), output);
  const result = read({ code, output, report });
  if (result.failed > 0) writeLine(`\n${output.trimEnd()}\n`);
  writeLine(describe(name, result, elapsed(start)));
  for (const skipped of result.skipped)
    writeLine(`    skipped: ${skipped.name}${skipped.why ? ` (${skipped.why})` : ''}`);
  return { name, ...result };
}

/**
 * @param {Suite} suite
 * @param {string} why
 * @returns {Outcome}
 */
export function notRun({ name }, why) {
  writeLine(`- ${name}: not run, ${why}`);
  return { name, passed: 0, failed: 0, skipped: [{ name, why }] };
}

/**
 * @param {string} name
 * @param {Result} result
 * @param {string} time
 */
function describe(name, { passed, failed, skipped }, time) {
  const counts = [
    passed > 0 ? `${passed} passed` : '',
    failed > 0 ? `${failed} FAILED` : '',
    skipped.length > 0 ? `${skipped.length} skipped` : '',
  ].filter((part) => part.length > 0);
  return `${failed > 0 ? '✗' : '✓'} ${name}: ${counts.join(', ') || 'no tests'} (${time})`;
}

/**
 * A whole line, on a terminal in place of the moving one.
 * @param {string} text
 */
function writeLine(text) {
  process.stdout.write(`${process.stdout.isTTY ? '\r\u001B[K' : ''}${text}\n`);
}
