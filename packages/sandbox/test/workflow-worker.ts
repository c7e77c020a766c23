/** Workers of workflows for tests: real Python processes, each a script with workflows, activities and a worker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach } from 'vitest';
import { pythonFolder } from '../src/assets.ts';
import { deferred } from '../src/workflows/deferred.ts';
import { LocalEngine } from '../src/workflows/local-engine.ts';
import { LocalHost } from '../src/workflows/local-host.ts';
import type { LocalRun } from '../src/workflows/local-run.ts';
import { ScriptSession } from '../src/workflows/script-session.ts';
import type { Payload } from '../src/workflows/wire.ts';

export const folder = mkdtempSync(join(tmpdir(), 'hanabi-workflows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const open: { child: ChildProcess; session: ScriptSession; engine: LocalEngine }[] = [];
afterEach(() => {
  for (const { child, session, engine } of open.splice(0)) {
    session.close();
    engine.close();
    child.kill('SIGKILL');
  }
});

const HEAD = `
import asyncio, os, sys
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker
SECONDS = timedelta(seconds=1)
`;

const MAIN = `
async def main():
    client = await Client.connect("anywhere")
    here = list(globals().values())
    workflows = [each for each in here if hasattr(each, "__hanabi_workflow_definition")]
    activities = [each for each in here if hasattr(each, "__hanabi_activity_definition")]
    await Worker(client, task_queue="q", workflows=workflows, activities=activities).run()

if __name__ == "__main__":
    asyncio.run(main())
`;

let files = 0;

/** A process with a worker for the workflows and activities of this code, on the task queue "q". */
export function startWorker(engine: LocalEngine, code: string, env: Record<string, string> = {}): ChildProcess {
  files += 1;
  const file = join(folder, `script_${files}.py`);
  writeFileSync(file, HEAD + code + MAIN);
  const child = spawn('/usr/bin/python3', ['-P', '-m', 'hanabi_workflow.script', file], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { PYTHONPATH: pythonFolder(), PYTHONHASHSEED: '0', HANABI_WORKFLOW_FD: '3', ...env },
  });
  open.push({ child, session: new ScriptSession(new LocalHost(engine), child.stdio[3] as Duplex), engine });
  return child;
}

/** `failed` is what the first task that fails says. */
export function newEngine(): { engine: LocalEngine; failed: Promise<string> } {
  const { promise: failed, resolve } = deferred<string>();
  return { engine: new LocalEngine((_, error) => resolve(error.message)), failed };
}

export const payload = (value: unknown): Payload => ({
  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
  data: Buffer.from(JSON.stringify(value)).toString('base64'),
});

export const valueOf = (given: Payload | undefined): unknown =>
  given?.['data'] && JSON.parse(Buffer.from(given['data'] as string, 'base64').toString('utf8'));

export const start = (engine: LocalEngine, workflowType: string, ...values: unknown[]): LocalRun =>
  engine.start({ workflowId: workflowType, workflowType, taskQueue: 'q', input: values.map(payload) });
