/** Jobs that outlive their page, as a person sees them: live in every tab, cancelled, run again, told of at their end. */
import type { Locator, Page } from '@playwright/test';
import { expect, inEachView, openModule, signIn, startProgram, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

const LONG = { options: { seconds: 300, say: 'stay' } };

const jobsWindow = (page: Page): Locator => page.getByRole('dialog', { name: 'Jobs' });
const closeWindow = (page: Page, name: string) =>
  page.getByRole('dialog', { name }).getByRole('button', { name: 'Close', exact: true }).click();

/** Has the worker of the probe begin a job, and leaves its window open. */
async function queue(page: Page, payload: Record<string, unknown>): Promise<string> {
  const frame = await openModule(page, 'probe-works');
  await listen(frame);
  const answer = await ask(frame, 'HANABI_QUEUE_TASK', payload);
  return (answer.data!['job'] as { id: string }).id;
}

test.beforeEach(async ({ page, server }) => {
  await signIn(page, server);
});

inEachView(() => {
  test('every page of the Jobs window is accessible', async ({ page }) => {
    const made = await queue(page, {});
    await closeWindow(page, 'probe-works');
    const fallen = await queue(page, { options: { fails: true } });
    await closeWindow(page, 'probe-works');
    const runs = await queue(page, LONG);
    await closeWindow(page, 'probe-works');
    await startProgram(page, 'Jobs');
    const window = jobsWindow(page);
    await expect(window.locator(`[data-job="${runs}"]`)).toContainText('30 %');
    expect(await violationsInEachLook(page)).toEqual([]);
    for (const id of [made, fallen, runs]) {
      await window.locator(`[data-job="${id}"]`).click();
      await expect(window.getByText('Started by')).toBeVisible();
      expect(await violationsInEachLook(page)).toEqual([]);
      if (id === runs) await window.getByRole('button', { name: 'Cancel job' }).click();
      await window.getByRole('button', { name: 'Back to the list' }).click();
    }
  });
});

test('a job is seen in every tab while it runs, and cancelled from any of them', async ({ page, context, server }) => {
  await startProgram(page, 'Jobs');
  // Nothing of this module has ever run here.
  await jobsWindow(page).getByLabel('Module').selectOption('Nightly Report');
  await expect(jobsWindow(page).getByText('No job answers to these filters')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await jobsWindow(page).getByLabel('Module').selectOption('All modules');
  const tab = await context.newPage();
  await tab.goto(server.url);
  await startProgram(tab, 'Jobs');
  const id = await queue(page, LONG);
  for (const shown of [page, tab]) {
    const row = shown.locator(`[data-job="${id}"]`);
    await expect(row).toContainText('30 %');
    await expect(shown.getByRole('button', { name: 'Jobs, 1 job is running' })).toBeVisible();
  }
  // By keyboard: the list, the job, its button.
  await tab.getByRole('listbox', { name: 'Jobs, the newest first' }).focus();
  await tab.keyboard.press('End');
  await tab.keyboard.press('Home');
  await tab.keyboard.press('Enter');
  await expect(tab.getByRole('progressbar', { name: 'Progress of probe-works' })).toHaveAttribute(
    'aria-valuenow',
    '30',
  );
  expect(await violations(tab)).toEqual([]);
  await tab.getByRole('button', { name: 'Cancel job' }).press('Enter');
  for (const shown of [page, tab]) {
    await expect(shown.locator(`[data-job="${id}"]`)).toContainText('Cancelled');
    await expect(shown.getByRole('button', { name: 'Jobs', exact: true })).toBeVisible();
  }
  await expect(tab.getByText('HANABI-W016')).toBeVisible();
});

test('a failed job shows its code and what its worker printed, and runs again', async ({ page }) => {
  const id = await queue(page, { options: { fails: true, say: 'fall' } });
  await closeWindow(page, 'probe-works');
  await startProgram(page, 'Jobs');
  const window = jobsWindow(page);
  await window.locator(`[data-job="${id}"][data-state="failed"]`).click();
  await expect(window.getByText('HANABI-W008', { exact: true })).toBeVisible();
  await expect(window.locator('[data-job-log]')).toContainText('it was told fall');
  expect(await violations(page)).toEqual([]);
  const rows = window.locator('[data-job]');
  const failed = window.locator('[data-job][data-state="failed"]');
  const before = { all: await rows.count(), failed: await failed.count() };
  await window.getByRole('button', { name: 'Run again' }).click();
  await expect(rows).toHaveCount(before.all + 1);
  await expect(window.locator('[data-job][aria-selected="true"]')).not.toHaveAttribute('data-job', id);
  await expect(window.locator('[data-job][aria-selected="true"]')).toHaveAttribute('data-state', 'failed');
  // Only those that answer to the filters.
  await window.getByLabel('State').selectOption('Finished');
  await expect(failed).toHaveCount(0);
  await window.getByLabel('State').selectOption('Failed');
  await expect(failed).toHaveCount(before.failed + 1);
  await window.getByLabel('Module').selectOption('Thumbnails');
  await expect(window.getByText('No job answers to these filters')).toBeVisible();
});

test('the end of a job is told where no window of its module is open, and leads to what it made', async ({
  page,
  context,
  server,
}) => {
  const tab = await context.newPage();
  await tab.goto(server.url);
  await expect(tab.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  await queue(page, { options: { say: 'made' } });
  const toast = tab.getByTestId('toasts').getByText('A job has finished');
  await expect(toast).toBeVisible();
  // Here the module can say so itself.
  await expect(page.getByText('A job has finished')).toHaveCount(0);
  await tab.getByRole('button', { name: 'Show' }).click();
  const window = jobsWindow(tab);
  await window.getByRole('button', { name: /^Show made.*txt in its folder$/ }).click();
  const explorer = tab.getByRole('dialog', { name: /File Explorer/ });
  await expect(explorer.getByText(/^made.*\.txt$/).first()).toBeVisible();
});

test('schedules are shown, run at once, paused and deleted', async ({ page }) => {
  const frame = await openModule(page, 'probe-works');
  await listen(frame);
  await startProgram(page, 'Jobs');
  const window = jobsWindow(page);
  await window.getByRole('tab', { name: 'Jobs' }).press('ArrowRight');
  await expect(window.getByText('Nothing is scheduled.')).toBeVisible();
  await ask(frame, 'HANABI_SCHEDULE_CREATE', { name: 'Lanterns', trigger: { cron: '30 2 * * *' } });
  await expect(window.getByText('Lanterns')).toBeVisible();
  await expect(window.getByText('30 2 * * * (UTC)')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await window.getByRole('button', { name: 'Pause Lanterns' }).click();
  await expect(window.getByText('Paused')).toBeVisible();
  await window.getByRole('button', { name: 'Let Lanterns go on' }).click();
  await expect(window.getByText(/Next run/)).toBeVisible();
  await window.getByRole('button', { name: 'Run now: Lanterns' }).click();
  await expect(window.locator('[data-job][aria-selected="true"]')).toHaveAttribute('data-state', 'completed');
  await window.getByRole('tab', { name: 'Schedules' }).click();
  await window.getByRole('button', { name: 'Delete the schedule Lanterns' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(window.getByText('Nothing is scheduled.')).toBeVisible();
});
