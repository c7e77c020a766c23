/**
 * `npm test`: the whole truth about the house. Gets what the tests need when it may, builds, runs every suite, and
 * ends with one plain line: N passed, N failed, N skipped.
 *
 *   node tools/test.mjs [--check | --fast] [suite…]
 *
 * `--check` is the same as no option; `--fast` leaves out what takes longer than a moment.
 */
import { installHint, installPackages, mayInstall, missingPackages } from './setup/apt.mjs';
import { installDependencies } from './setup/install.mjs';
import { nodeVersionProblem } from './setup/node-version.mjs';
import { SetupError } from './setup/run.mjs';
import { step } from './setup/steps.mjs';
import { notRun, runSuite, runSuites } from './suites/run-suites.mjs';
import { BUILD, SUITES, TEST_PACKAGES } from './suites/suites.mjs';

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.explain()}`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}

/** @param {readonly string[]} args */
async function main(args) {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem) throw new SetupError(problem);
  const chosen = chooseSuites(args);
  await installDependencies();
  const missing = await getPackages(chosen);
  const runnable = chosen.filter((suite) => !lacking(suite, missing));
  const outcomes = chosen
    .filter((suite) => !runnable.includes(suite))
    .map((suite) => notRun(suite, `it needs ${lacking(suite, missing)}`));

  if (runnable.some((suite) => suite.built)) {
    const build = runSuite(BUILD);
    outcomes.push(
      ...(await runSuites(
        runnable,
        build.then(({ failed }) => failed === 0),
      )),
      await build,
    );
  } else {
    outcomes.push(...(await runSuites(runnable, Promise.resolve(true))));
  }
  return conclude(outcomes);
}

/** @param {readonly string[]} args */
function chooseSuites(args) {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = args.filter(
    (arg) => !['--check', '--fast'].includes(arg) && !SUITES.some(({ name }) => name === arg),
  );
  if (unknown.length > 0) {
    throw new SetupError(`There is no suite "${unknown[0]}".`, {
      advice: `The suites are: ${SUITES.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (names.length > 0) return SUITES.filter(({ name }) => names.includes(name));
  return args.includes('--fast') ? SUITES.filter(({ fast }) => fast) : SUITES;
}

/**
 * @param {readonly import('./suites/suites.mjs').Suite[]} suites
 * @returns {Promise<string[]>} what is missing all the same
 */
async function getPackages(suites) {
  // The quick checks use nothing of the machine but Node.js.
  const wanted = suites.every(({ fast }) => fast) ? [] : TEST_PACKAGES;
  const missing = missingPackages(wanted);
  if (missing.length === 0) return [];
  if (!mayInstall) {
    console.log(`Some tests will be skipped. To run them, install as root: ${installHint(missing)}`);
    return missing;
  }
  const words = {
    doing: `Installing ${missing.join(', ')} with apt-get`,
    done: 'Asked apt-get for what the tests need',
  };
  const { ok, output } = await step(words, () => installPackages(missing));
  if (!ok) console.log(`${output.trimEnd().split('\n').slice(-20).join('\n')}\nSome tests will be skipped.`);
  return missingPackages(wanted);
}

/**
 * @param {import('./suites/suites.mjs').Suite} suite
 * @param {readonly string[]} missing
 */
function lacking({ needs = [] }, missing) {
  return needs.filter((name) => missing.includes(name)).join(', ');
}

/** @param {readonly import('./suites/run-suites.mjs').Outcome[]} outcomes */
function conclude(outcomes) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  const skipped = outcomes.reduce((sum, outcome) => sum + outcome.skipped.length, 0);
  const failing = outcomes.filter((outcome) => outcome.failed > 0).map(({ name }) => name);
  if (failing.length > 0) console.log(`\nFailed: ${failing.join(', ')}. One alone: npm test -- ${failing[0]}`);
  if (process.env['CI'] && skipped > 0) console.log('On CI nothing may be skipped.');
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || passed === 0 || (process.env['CI'] && skipped > 0) ? 1 : 0;
}
