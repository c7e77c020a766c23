/** An update of running workflows: its developer and its reviewer see what it would break, and the debugger shows where. */
import { DESKTOP_PATHS, type UserWorkflows } from '@hanabi/protocol';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import { install, packageOf, publish, submit, upload } from '../apps/server/test/harness/publishing.ts';
import { FIRST_LINE, GREETS, waitingModule, waitingProgram } from '../apps/server/test/harness/waiting-workflow.ts';
import { expect, inEachView, signIn, startProgram, test } from './harness/house.ts';
import { openTool } from './harness/portal.ts';
import { violationsInEachLook } from './harness/violations.ts';

const SLEEPS = 'await asyncio.sleep(60)';

const wish = (id: string, version: string, first: string) => waitingModule(id, version, waitingProgram(first));

async function begun(admin: Desktop, id: string): Promise<void> {
  const launch = await admin.launch(id);
  await admin.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id: `run-of-${id}`, args: ['Ada'] });
  await expect
    .poll(async () => {
      const { workflows } = (await (await admin.send('GET', DESKTOP_PATHS.workflows)).json()) as UserWorkflows;
      return workflows.find((each) => each.module_id === id)?.events ?? 0;
    })
    .toBeGreaterThan(8);
}

inEachView((name) => {
  test('an update that breaks running workflows is told before it is decided', async ({ page, server }, info) => {
    const admin = await Desktop.signIn(server.url);
    const id = `waits-in-${name}`;
    await publish(admin, admin, wish(id, '1.0.0', GREETS), { permissions: ['worker.workflow'] });
    await install(admin, id);
    await begun(admin, id);
    await upload(admin, await packageOf(wish(id, '1.1.0', SLEEPS)));

    await signIn(page, server);
    const portal = await openTool(page, 'Developer Portal');
    const mine = portal.getByRole('region', { name: id, exact: true });
    await mine.getByRole('button', { name: 'Look whether it fits them' }).click();
    await expect(mine.getByText('It would break 1 workflow, of which 1 runs.')).toBeVisible();
    await expect(mine.getByRole('list', { name: 'Workflows that are there' })).toContainText(
      `workflow/main.py:${FIRST_LINE}`,
    );
    await mine.getByRole('heading', { name: 'Workflows that are there' }).scrollIntoViewIfNeeded();
    await page.screenshot({ path: info.outputPath('portal.png') });
    expect(await violationsInEachLook(page)).toEqual([]);

    await submit(admin, id, '1.1.0');
    const review = await openTool(page, 'Review');
    await review.getByRole('button', { name: `${id} 1.1.0` }).click();
    const found = review.getByRole('list', { name: 'Workflows that are there' });
    await expect(found).toContainText('ACTIVITY_TASK_SCHEDULED greet');
    await expect(found).toContainText('TIMER_STARTED 1');
    await expect(review.getByText('With this version 1 workflow that runs would stand still.')).toBeVisible();
    await found.scrollIntoViewIfNeeded();
    await page.screenshot({ path: info.outputPath('review.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await found.getByRole('button', { name: `workflow/main.py:${FIRST_LINE}` }).click();
    await expect(review.getByRole('region', { name: 'workflow/main.py' }).locator('[aria-current]')).toContainText(
      'asyncio.sleep',
    );
    await review.getByLabel('Note to the developer').fill('It would break what runs');
    await review.getByRole('button', { name: 'Reject' }).click();
    await expect(review.getByRole('button', { name: `${id} 1.1.0` })).toHaveCount(0);
  });

  test('a run is gone through line by line, by keyboard', async ({ page, server }, info) => {
    const admin = await Desktop.signIn(server.url);
    const id = `steps-in-${name}`;
    await publish(admin, admin, wish(id, '1.0.0', GREETS), { permissions: ['worker.workflow'] });
    await install(admin, id);
    await begun(admin, id);
    await signIn(page, server);
    await startProgram(page, 'Workflows');
    await page.getByRole('searchbox', { name: 'Search by id or name' }).fill(id);
    await page.getByRole('navigation', { name: 'Workflows' }).getByRole('button', { name: id }).click();
    await page.getByRole('button', { name: 'Step through it' }).click();

    const debug = page.getByRole('dialog', { name: 'Replay Debugger' });
    const marked = debug.getByRole('region', { name: 'workflow/main.py' }).locator('[aria-current]');
    const events = debug.getByRole('listbox', { name: 'Events, the oldest first' });
    await expect(events.getByRole('option', { selected: true })).toContainText('Activity completed');
    await events.focus();
    await page.keyboard.press('Home');
    await expect(debug.getByText('The code had not begun', { exact: true })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await expect(debug.getByText('This line asked for it', { exact: true })).toBeVisible();
    await expect(marked).toContainText('execute_activity(greet');
    await expect(debug.getByRole('status').first()).toContainText(
      `Activity scheduled greet. This line asked for it. workflow/main.py:${FIRST_LINE}`,
    );
    await page.screenshot({ path: info.outputPath('made.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await debug.getByRole('button', { name: 'Forward' }).click();
    await expect(debug.getByText('The code waited here', { exact: true })).toBeVisible();
    await page.screenshot({ path: info.outputPath('waits.png') });
  });
});
