import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { pythonFolder } from '../assets.ts';
import { LocalEngine } from './local-engine.ts';
import { ScriptSession } from './script-session.ts';

export interface ScriptEnd {
  /** As the script left it; null when a signal ended it. */
  readonly exitCode: number | null;
}

export interface ScriptOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly python: string;
  /** Hears of tasks that the code of a workflow failed. */
  readonly report: (line: string) => void;
}

/** Where the channel is in the script's process, after its standard streams. */
const CHANNEL_FD = 3;

/**
 * Runs a script of Temporal's Python kind (it connects a client, starts workers and workflows) with an engine of this
 * process. The script is its author's own program, and not sealed: workflows live as long as it does.
 */
export async function runWorkflowScript({ file, args, python, report }: ScriptOptions): Promise<ScriptEnd> {
  const engine = new LocalEngine((run, error) => {
    report(`Workflow ${run.workflowId}: a task failed and is tried again. ${error.message}`);
  });
  const child = spawn(python, ['-P', '-m', 'hanabi_workflow.script', file, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: pythonFolder(),
      // The order of sets of strings hangs on it, and must be the same on replay.
      PYTHONHASHSEED: '0',
      HANABI_WORKFLOW_FD: String(CHANNEL_FD),
    },
  });
  const session = new ScriptSession(engine, child.stdio[CHANNEL_FD] as Duplex);
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode };
  } finally {
    session.close();
    engine.close();
  }
}
