/** Runs a command, keeps what it printed, and says what to do when it failed. */
import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';

/** Lines of a failing command that are shown. */
const TAIL_LINES = 20;

/** A failure that a person can do something about; shown without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ output?: string, advice?: string }} [more]
   */
  constructor(message, { output = '', advice = '' } = {}) {
    super(message);
    this.name = 'SetupError';
    this.output = output;
    this.advice = advice;
  }

  /** The failure as text for the console. */
  explain() {
    const tail = this.output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    return [this.message, tail, this.advice].filter((part) => part.length > 0).join('\n\n');
  }
}

/**
 * @typedef {object} Ended
 * @property {number} code exit code; 128 or more when a signal ended it
 * @property {string} output what it printed, both streams in their order
 */

/**
 * Runs a command to its end; never throws for a failing one.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeout_ms?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<Ended>}
 */
export function run(command, args, { env = process.env, cwd = ROOT, timeout_ms, signal } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeout_ms, signal });
    let output = '';
    const keep = (/** @type {string} */ text) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, ended) => {
      if (ended)
        keep(`\n${command} was ended by ${ended}${timeout_ms ? ` (time limit ${timeout_ms / 1000} s)` : ''}\n`);
      resolve({ code: code ?? 128, output });
    });
  });
}

/**
 * Runs a command that has to succeed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} advice what a person can do when it does not
 */
export async function runOrExplain(command, args, advice) {
  const { code, output } = await run(command, args);
  if (code !== 0)
    throw new SetupError(`"${[command, ...args].join(' ')}" ended with code ${code}.`, { output, advice });
}
