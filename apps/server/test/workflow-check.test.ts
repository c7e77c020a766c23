/** An update, tried with the histories of the workflows that are there before anybody decides about it. */
import { rm } from 'node:fs/promises';
import { DESKTOP_PATHS, type Results, type WorkflowCheckLine, type WorkflowVerdict } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { hanabiWith } from './harness/hanabi.ts';
import { makeModule, type ModuleWish } from './harness/make-module.ts';
import {
  ask,
  decide,
  developers,
  install,
  packageOf,
  publish,
  submit,
  uninstall,
  upload,
} from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { FIRST_LINE, GREETS, SLEEPS, waitingModule, waitingProgram } from './harness/waiting-workflow.ts';

const TELLS = 'await workflow.execute_activity(name, start_to_close_timeout=timedelta(minutes=1))';
const RAISES = 'raise KeyError(name)';
const UNLOADABLE = 'import nowhere';
const PATIENCE = { timeout: 25_000, interval: 50 };
const SECRET = 'Ada-Lovelace';

/** One that cannot be loaded is so from its first line on. */
const wish = (version: string, first: string): ModuleWish =>
  waitingModule('waiting', version, first === UNLOADABLE ? first : waitingProgram(first));

let server: RunningServer;
let admin: Desktop;
let dora: Desktop;
let ada: Desktop;

beforeAll(async () => {
  server = await startServer({
    users: ['ada'],
    prepare: developers('dora'),
    env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
  });
  [admin, dora, ada] = await Promise.all([
    Desktop.signIn(server.url),
    Desktop.signIn(server.url, 'dora', 'dora'),
    Desktop.signIn(server.url, 'ada', 'ada'),
  ]);
  await publish(dora, admin, wish('1.0.0', GREETS), { permissions: ['worker.workflow'] });
  await Promise.all([install(ada, 'waiting'), install(dora, 'waiting')]);
  await begin(ada, 'of-ada', SECRET);
  await begin(dora, 'of-dora', 'Dora');
}, 60_000);
afterAll(() => server.stop());

async function begin(by: Desktop, id: string, name: string): Promise<void> {
  const launch = await by.launch('waiting');
  const begun = await by.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id, args: [name] });
  const { run_id } = begun.data as Results['HANABI_WORKFLOW_START'];
  await vi.waitFor(async () => {
    const answer = await by.send('GET', `${DESKTOP_PATHS.workflows}/${run_id}`);
    const { events } = (await answer.json()) as { events: { type: string }[] };
    expect(events[0]?.type).toBe('ACTIVITY_TASK_COMPLETED');
  }, PATIENCE);
}

async function check(by: Desktop, path: string): Promise<{ lines: WorkflowCheckLine[]; verdicts: WorkflowVerdict[] }> {
  const answer = await by.send('POST', `${path}/workflows`, {});
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WorkflowCheckLine);
  return { lines, verdicts: lines.flatMap((line) => (line.kind === 'verdict' ? [line.verdict] : [])) };
}

const review = (version: string) => `${DESKTOP_PATHS.review}/waiting/versions/${version}`;
const portal = (version: string) => `${DESKTOP_PATHS.portal}/modules/waiting/versions/${version}`;

async function submitted(version: string, first: string): Promise<void> {
  const { status, body } = await upload(dora, await packageOf(wish(version, first)));
  expect(status, JSON.stringify(body)).toBe(201);
  await submit(dora, 'waiting', version);
}

const rejected = (version: string) => decide(admin, 'waiting', version, { decision: 'reject' });

it('an update that fits is said to fit, and nothing changes', async () => {
  await submitted('1.1.0', `${GREETS}\n        answer = "the same"`);
  const { lines, verdicts } = await check(admin, review('1.1.0'));
  expect(lines[0]).toEqual({ kind: 'begun', total: 2, left_out: 0 });
  expect(lines.at(-1)).toMatchObject({
    kind: 'done',
    summary: { fits: 2, breaks: 0, breaks_open: 0, untried: 0, left_out: 0 },
  });
  expect(verdicts.map(({ result, is_open, id, workflow }) => ({ result, is_open, id, workflow }))).toEqual([
    { result: 'fits', is_open: true, id: null, workflow: 'Waits' },
    { result: 'fits', is_open: true, id: null, workflow: 'Waits' },
  ]);
  await rejected('1.1.0');
});

it('an update that breaks them is said to, with the line and both sides, and the decision keeps that', async () => {
  await submitted('1.2.0', SLEEPS);
  const { verdicts } = await check(admin, review('1.2.0'));
  expect(verdicts).toHaveLength(2);
  for (const verdict of verdicts) {
    expect(verdict).toMatchObject({
      result: 'breaks',
      apart: { event_id: 5, history: 'ACTIVITY_TASK_SCHEDULED greet', code: 'TIMER_STARTED 1' },
      place: { path: 'workflow/main.py', line: FIRST_LINE },
    });
  }
  const open = (await (await admin.send('GET', review('1.2.0'))).json()) as { workflow_check: { breaks: number } };
  expect(open.workflow_check.breaks).toBe(2);
  await rejected('1.2.0');
  const audit = await admin.send('GET', `${DESKTOP_PATHS.admin}/audit`);
  expect(await audit.text()).toContain('it fits 0 and breaks 2 (2 that run); 0 were not tried');
});

it.each([
  ['an activity named after it', TELLS, '1.3.0'],
  ['what it raises', RAISES, '1.4.0'],
])('the data of a user reaches nobody by %s', async (_, first, version) => {
  await submitted(version, first);
  const { lines, verdicts } = await check(admin, review(version));
  expect(verdicts.map(({ result }) => result)).toEqual(['breaks', 'breaks']);
  expect(verdicts[0]?.place).toEqual({ path: 'workflow/main.py', line: FIRST_LINE });
  expect(JSON.stringify(lines)).not.toContain(SECRET);
  expect(JSON.stringify(lines)).not.toContain('of-ada');
  await rejected(version);
});

it('a version whose file cannot be loaded, or is gone, breaks all of them', async () => {
  await submitted('1.5.0', UNLOADABLE);
  const unloaded = await check(admin, review('1.5.0'));
  expect(unloaded.verdicts.map(({ result, error }) => [result, error?.code])).toEqual([
    ['breaks', 'HANABI-W013'],
    ['breaks', 'HANABI-W013'],
  ]);
  await rejected('1.5.0');
  const { files: _, manifest: __, ...rest } = wish('', '');
  await upload(dora, await packageOf({ ...rest, permissions: [], manifest: { version: '1.6.0' } }));
  await submit(dora, 'waiting', '1.6.0');
  const gone = await check(admin, review('1.6.0'));
  expect(gone.verdicts.map(({ result, error }) => [result, error?.code])).toEqual([
    ['breaks', 'HANABI-W028'],
    ['breaks', 'HANABI-W028'],
  ]);
  await rejected('1.6.0');
});

it('a developer tries a draft with workflows of their own, and of nobody else', async () => {
  await upload(dora, await packageOf(wish('1.7.0', TELLS)));
  const { verdicts } = await check(dora, portal('1.7.0'));
  expect(verdicts).toMatchObject([
    { id: 'of-dora', result: 'breaks', apart: { code: 'ACTIVITY_TASK_SCHEDULED Dora' } },
  ]);
  const dir = await makeModule(wish('1.8.0', SLEEPS));
  const { key } = (await ask<{ key: string }>(dora, 'POST', `${DESKTOP_PATHS.portal}/keys`, { name: 'test' })).body;
  const env = { HANABI_PUBLISH_KEY: key, HANABI_SERVER: server.url };
  const published = await hanabiWith(env, 'module', 'publish', dir, '--try-workflows', '--submit');
  expect(published).toMatchObject({ status: 1, stdout: expect.stringContaining('waiting 1.8.0 is a draft') });
  expect(published.stderr).toContain(
    'would break: history has ACTIVITY_TASK_SCHEDULED greet (event 5), but the code did TIMER_STARTED 1',
  );
  expect(published.stderr).toContain(`workflow/main.py:${FIRST_LINE}: workflow `);
  expect(published.stderr).toContain('1 of your workflows were tried: 0 fit, 1 would break');
  // Who has the key is not told what stands in her workflows.
  expect(published.stderr).not.toContain('of-dora');

  const launch = await dora.launch('waiting');
  await dora.ask(launch, 'HANABI_WORKFLOW_CANCEL', { id: 'of-dora', terminate: true });
  const next = await makeModule(wish('1.8.1', SLEEPS));
  const again = await hanabiWith(env, 'module', 'publish', next, '--try-workflows', '--submit');
  expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('1.8.1 waits for its review') });
  expect(again.stderr).toContain('1 would break (of them ended: 1)');
  await Promise.all([dir, next].map((each) => rm(each, { recursive: true })));

  const others = await ask(ada, 'POST', `${portal('1.8.1')}/workflows`, {});
  expect(others.code).toBe('HANABI-M014');
  await uninstall(dora, 'waiting');
  const unused = await ask(dora, 'POST', `${portal('1.8.1')}/workflows`, {});
  expect(unused.code).toBe('HANABI-M008');
});

it('where a cluster has the histories, a check says that nothing was tried', async () => {
  const apart = await startServer({
    prepare: developers('dora'),
    env: { HANABI_WORKFLOW_ENGINE: 'temporal://127.0.0.1:1', HANABI_TEMPORAL_BRIDGE: '/nowhere' },
  });
  try {
    const [decider, developer] = await Promise.all([
      Desktop.signIn(apart.url),
      Desktop.signIn(apart.url, 'dora', 'dora'),
    ]);
    await upload(developer, await packageOf(wish('1.0.0', GREETS)));
    await submit(developer, 'waiting', '1.0.0');
    expect((await ask(decider, 'POST', `${review('1.0.0')}/workflows`, {})).code).toBe('HANABI-W032');
  } finally {
    await apart.stop();
  }
});
