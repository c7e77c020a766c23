/** A workflow of ten steps, whose server or sandbox is killed at each of them: it ends as if nothing had happened. */
import { readFile } from 'node:fs/promises';
import type { Results } from '@hanabi/protocol';
import { expect, it, vi } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { openDb } from './harness/engine.ts';
import { KillableServer } from './harness/killable-server.ts';
import { eventsOf, expectEachStepOnce, STEPS, TEN_STEPS } from './harness/ten-steps.ts';
import { descendantsOf } from './harness/processes.ts';
import { workflowModule } from './harness/workflow-module.ts';

const MINUTES_MS = 5 * 60_000;
const PATIENCE = { timeout: 60_000, interval: 25 };

/** Runs it with a kill after each so many new events of history. */
async function survive(events: number, kill: (server: KillableServer) => Promise<void>): Promise<void> {
  const server = await KillableServer.start(await workflowModule('steps', TEN_STEPS));
  const db = await openDb(server.data_dir);
  try {
    const launch = await server.desktop.launch('steps');
    const answer = await server.desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'TenSteps', id: 'ten' });
    expect(answer.ok).toBe(true);
    let kills = 0;
    for (let seen = await eventsOf(db); await isRunning(db); kills += 1) {
      const before = seen;
      await vi.waitFor(async () => {
        seen = await eventsOf(db);
        expect(seen >= before + events || !(await isRunning(db))).toBe(true);
      }, PATIENCE);
      await kill(server);
    }
    expect(kills).toBeGreaterThanOrEqual(STEPS);
    const again = await server.desktop.launch('steps');
    const end = await server.desktop.ask(again, 'HANABI_WORKFLOW_RESULT', { id: 'ten' });
    const { state, value } = end.data as Results['HANABI_WORKFLOW_RESULT'];
    expect(state).toBe('completed');
    await expectEachStepOnce(db, value);
  } finally {
    await db.destroy();
    await server.stop();
  }
}

async function isRunning(db: Db): Promise<boolean> {
  const rows = await db.selectFrom('workflow_runs').select('run_id').where('status', '=', 'RUNNING').execute();
  return rows.length > 0;
}

/** Kills every process that executes workflows below this server. */
async function killSandbox(server: KillableServer): Promise<void> {
  for (const pid of await descendantsOf(server.process.pid!)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('hanabi_workflow.sealed_workflows')) process.kill(pid, 'SIGKILL');
  }
}

it('survives kill -9 of the server at each step', () => survive(7, (server) => server.killAndRestart()), MINUTES_MS);

it('survives kill -9 of the sandbox at each step', () => survive(1, killSandbox), MINUTES_MS);
