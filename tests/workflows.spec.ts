/** The Workflows window: what modules do over days, looked at, asked, told, reset and ended by its user. */
import { type RunningServer, startServer } from '../apps/server/test/harness/start-server.ts';
import { workflowModule } from '../apps/server/test/harness/workflow-module.ts';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import { expect, inEachView, signIn, startProgram, test as base } from './harness/house.ts';
import { Keyboard } from './harness/keyboard.ts';
import { violationsInEachLook } from './harness/violations.ts';

const PROGRAM = `
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"

@activity.defn
async def fails() -> None:
    raise ValueError("not today")

@workflow.defn
class Waits:
    def __init__(self) -> None:
        self.word = ""

    @workflow.run
    async def run(self, name: str) -> str:
        greeting = await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(minutes=1))
        trying = workflow.start_activity(fails, start_to_close_timeout=timedelta(minutes=1))
        await workflow.wait_condition(lambda: self.word != "", timeout=timedelta(days=30))
        trying.cancel()
        return f"{greeting} {self.word}"

    @workflow.signal
    def say(self, word: str) -> None:
        self.word = word

    @workflow.query
    def words(self) -> list[str]:
        return [self.word]
`;

const test = base.extend<object, { flows: RunningServer }>({
  flows: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names it takes from the pattern
    async ({}, use) => {
      const server = await startServer(await workflowModule('flows', PROGRAM));
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
});

inEachView((name) => {
  test('a workflow is found, looked into, asked, reset and told', async ({ page, flows }, info) => {
    const desktop = await Desktop.signIn(flows.url);
    const launch = await desktop.launch('flows');
    const id = `order-${name}`;
    await desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id, args: ['Ada'] });
    await signIn(page, flows);
    await startProgram(page, 'Workflows');
    const filter = page.getByRole('textbox', { name: 'Filter by a condition' });
    await page.getByText('Filter by a condition').click();
    await filter.fill('WorkflowId >');
    await filter.press('Enter');
    await expect(page.getByRole('alert')).toContainText('at character 13');
    await page.screenshot({ path: info.outputPath('filter.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await filter.fill(`WorkflowId = '${id}' AND ExecutionStatus = 'Running'`);
    await filter.press('Enter');
    await expect(page.getByRole('alert')).toHaveCount(0);
    await filter.fill('');
    await filter.press('Enter');
    await page.getByRole('searchbox', { name: 'Search by id or name' }).fill(id);
    await page.getByRole('navigation', { name: 'Workflows' }).getByRole('button', { name: id }).click();
    const details = page.getByRole('region', { name: id });
    await expect(details.locator('header').getByRole('status')).toContainText('Running since');
    await expect(details).toContainText('not today');
    const timeline = details.getByRole('list', { name: 'What happened, the newest first' });
    await expect(timeline).toContainText('Hello, Ada!');
    await details.getByRole('button', { name: 'Where it waits' }).click();
    await expect(details).toContainText('wait_condition');
    await page.screenshot({ path: info.outputPath('details.png') });
    expect(await violationsInEachLook(page)).toEqual([]);

    await details.getByLabel('Signal or query').fill('words');
    await details.getByRole('button', { name: 'Ask', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(details.getByLabel('Answer')).toContainText('""');
    await details
      .getByRole('button', { name: /^Reset to before event/ })
      .last()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset', exact: true }).click();
    // What was answered was of the other run.
    await expect(details.getByLabel('Answer')).toHaveCount(0);

    await details.getByLabel('Signal or query').fill('say');
    await details.getByLabel('Arguments, as JSON').fill('no json');
    await details.getByRole('button', { name: 'Send signal' }).click();
    await expect(details.getByRole('alert')).toContainText('not JSON');
    await details.getByLabel('Arguments, as JSON').fill('"done"');
    await details.getByRole('button', { name: 'Send signal' }).click();
    await expect(details.locator('header').getByRole('status')).toContainText('Completed');
    await expect(details).toContainText('Hello, Ada! done');
    await page.screenshot({ path: info.outputPath('ended.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
  });
});

test('a workflow is found, asked and told by keyboard alone', async ({ page, flows }) => {
  const desktop = await Desktop.signIn(flows.url);
  const launch = await desktop.launch('flows');
  await desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id: 'order-keys', args: ['Ada'] });
  await signIn(page, flows);
  const keys = new Keyboard(page);
  const window = await keys.start('Workflows');
  await keys.fill(window.getByRole('searchbox', { name: 'Search by id or name' }), 'order-keys');
  await keys.use(window.getByRole('navigation', { name: 'Workflows' }).getByRole('button', { name: 'order-keys' }));
  const details = window.getByRole('region', { name: 'order-keys' });
  await keys.fill(details.getByLabel('Signal or query'), 'words');
  await keys.use(details.getByRole('button', { name: 'Ask', exact: true }));
  await expect(details.getByLabel('Answer')).toContainText('""');
  await keys.tabTo(details.getByLabel('Signal or query'), 'Shift+Tab');
  await keys.fill(details.getByLabel('Signal or query'), 'say');
  await keys.fill(details.getByLabel('Arguments, as JSON'), '"done"');
  await keys.use(details.getByRole('button', { name: 'Send signal' }));
  await expect(details.locator('header').getByRole('status')).toContainText('Completed');
});
