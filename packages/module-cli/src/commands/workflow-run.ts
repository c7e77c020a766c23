import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EngineError, runWorkflowScript } from '@hanabi/sandbox';
import { type Command, textOption, UsageError } from '../command.ts';
import { EXIT_FAILED } from '../run-command.ts';

const PYTHON = 'python3';

export const workflowRun: Command = {
  name: 'workflow run',
  usage: 'FILE [--python PROGRAM] [-- ARGUMENT…]',
  summary: 'Runs a Python script that starts durable workflows, with an engine in memory.',
  details: [
    ['FILE', 'the script; what it imports as temporalio is provided, and no server is needed'],
    ['ARGUMENT…', 'what the script finds in sys.argv'],
    ['--python PROGRAM', `the Python that runs it, 3.11 or newer; ${PYTHON} when left out`],
    ['', 'The script is a program of your own and is not sealed. Its workflows end with it, unless a'],
    ['', 'Temporal cluster has them: HANABI_WORKFLOW_ENGINE=temporal://HOST:PORT/NAMESPACE'],
  ],
  options: { python: { type: 'string' } },
  async run(args) {
    const [file, ...rest] = args.positionals;
    if (file === undefined) throw new UsageError('FILE is missing');
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) throw new UsageError(`there is no file ${file}`);
    try {
      const { exitCode } = await runWorkflowScript({
        file: resolve(file),
        args: rest,
        python: textOption(args, 'python') ?? PYTHON,
        report: (line) => console.error(line),
      });
      return exitCode ?? EXIT_FAILED;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      console.error(error.message);
      return EXIT_FAILED;
    }
  },
};
