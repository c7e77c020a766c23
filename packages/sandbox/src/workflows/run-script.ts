import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { pythonFolder } from '../assets.ts';
import { LocalEngine } from './local-engine.ts';
import { LocalHost } from './local-host.ts';
import type { ScriptHost } from './script-host.ts';
import { ScriptSession } from './script-session.ts';
import { engineAddress } from './temporal/engine-address.ts';
import { TemporalHost } from './temporal/temporal-host.ts';

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
 * Runs a script of Temporal's Python kind (it connects a client, starts workers and workflows). The script is its
 * author's own program, and not sealed. Its workflows live as long as it does, in this process; or on the cluster that
 * `HANABI_WORKFLOW_ENGINE` names. Throws an EngineError where that cannot be reached.
 */
export async function runWorkflowScript({ file, args, python, report }: ScriptOptions): Promise<ScriptEnd> {
  const address = engineAddress(process.env);
  const host = address ? await TemporalHost.connect(address, report) : inMemory(report);
  const child = spawn(python, ['-P', '-m', 'hanabi_workflow.script', file, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: pythonFolder(),
      // The order of sets of strings hangs on it, and must be the same on replay.
      PYTHONHASHSEED: '0',
      HANABI_WORKFLOW_FD: String(CHANNEL_FD),
      HANABI_WORKFLOW_NAMESPACE: address?.namespace,
    },
  });
  const session = new ScriptSession(host, child.stdio[CHANNEL_FD] as Duplex);
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode };
  } finally {
    session.close();
    await host.close();
  }
}

function inMemory(report: (line: string) => void): ScriptHost {
  const engine = new LocalEngine((run, error) => {
    report(`Workflow ${run.workflowId}: a task failed and is tried again. ${error.message}`);
  });
  return new LocalHost(engine);
}
