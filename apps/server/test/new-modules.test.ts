/** What `hanabi module init` writes, in the house: its programs run as they are. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Launch, ServiceMonitor } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { hanabiWith } from './harness/hanabi.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const PATIENCE = { timeout: 25_000, interval: 50 };

let folder: string;
let server: RunningServer;
let desktop: Desktop;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanabi-new-modules-'));
  const dirs = ['service', 'workflow'].map((template) => join(folder, `new-${template}`));
  for (const dir of dirs) {
    const template = dir.split('-').at(-1)!;
    expect(await hanabiWith({}, 'module', 'init', dir, '--template', template)).toMatchObject({ status: 0 });
  }
  server = await startServer({
    env: { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
    prepare: async (db) => {
      await grant(db, 'new-service', ['worker.service']);
      await grant(db, 'new-workflow', ['worker.workflow']);
    },
  });
  desktop = await Desktop.signIn(server.url);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function ask<Data>(launch: Launch, type: string, payload: object = {}): Promise<Data> {
  const answer = await desktop.ask(launch, type, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Data;
}

it('a new service ticks', async () => {
  const launch = await desktop.launch('new-service');
  expect(await ask(launch, 'HANABI_SERVICE_START')).toMatchObject({ tick_interval_ms: 60_000 });
  await vi.waitFor(async () => {
    const { widgets } = await ask<ServiceMonitor>(launch, 'HANABI_SERVICE_MONITOR');
    expect(widgets).toMatchObject([{ name: 'Lanterns', kind: 'number', value: '1' }]);
  }, PATIENCE);
  expect(await ask(launch, 'HANABI_SERVICE_STATUS')).toMatchObject({ failures: 0, last_error: null });
  expect(await ask(launch, 'HANABI_SERVICE_STOP')).toMatchObject({ state: 'stopped' });
});

it('a new workflow waits for its answer', async () => {
  const launch = await desktop.launch('new-workflow');
  const { id } = await ask<{ id: string }>(launch, 'HANABI_WORKFLOW_START', { workflow: 'Question', args: ['Lit?'] });
  await ask(launch, 'HANABI_WORKFLOW_SIGNAL', { id, signal: 'answered', args: ['yes'] });
  const end = await ask(launch, 'HANABI_WORKFLOW_RESULT', { id });
  expect(end).toMatchObject({ state: 'completed', value: 'Lit? Yes!', failure: null });
});
