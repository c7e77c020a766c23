/** The Services window: a program that a module keeps running, looked at, changed and stopped by its user. */
import { grant } from '../apps/server/test/harness/grant.ts';
import { type RunningServer, startServer } from '../apps/server/test/harness/start-server.ts';
import { expect, inEachView, openModule, signIn, startProgram, test as base } from './harness/house.ts';
import { Keyboard } from './harness/keyboard.ts';
import { violationsInEachLook } from './harness/violations.ts';

const test = base.extend<object, { granted: RunningServer }>({
  granted: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names it takes from the pattern
    async ({}, use) => {
      const server = await startServer({
        env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
        prepare: (db) => grant(db, 'heartbeat', ['worker.service']),
      });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
});

inEachView(() => {
  test('a service is started, seen, changed and stopped', async ({ page, granted }, info) => {
    await signIn(page, granted);
    await startProgram(page, 'Services');
    const service = page.getByRole('region', { name: 'Heartbeat' });
    await expect(service.getByRole('status')).toHaveText('Stopped');
    await service.getByRole('button', { name: 'Start', exact: true }).click();
    const log = service.getByRole('log');
    await expect(log).toContainText('beat');
    await expect(service.getByRole('status')).toContainText('next tick');
    await page.screenshot({ path: info.outputPath('log.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await service.getByLabel('Show').selectOption('Warnings and errors');
    await expect(log).toHaveText('It has said nothing like this.');
    await service.getByLabel('Show').selectOption('Everything');
    await service.getByRole('searchbox', { name: 'Search the log' }).fill('BEAT');
    await expect(log).toContainText('beat');
    // By keyboard to the next tab.
    await service.getByRole('tab', { name: 'Log' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(service.getByRole('tab', { name: 'Monitor' })).toBeFocused();
    await service.getByRole('button', { name: 'Tick now' }).click();
    await expect(service.getByRole('img', { name: /^Pulse: ([2-9]|\d\d+) values/ })).toBeVisible();
    await page.screenshot({ path: info.outputPath('monitor.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await service.getByRole('tab', { name: 'State' }).click();
    await service.getByRole('button', { name: 'Change beats' }).click();
    await service.getByLabel('Value, as JSON').fill('{');
    await service.getByRole('button', { name: 'Save value' }).click();
    await expect(service.getByRole('alert')).toContainText('not JSON');
    await service.getByLabel('Value, as JSON').fill('1000');
    await service.getByRole('button', { name: 'Save value' }).click();
    await expect(service.getByRole('list', { name: 'State' })).toContainText(/100\d/);
    await page.screenshot({ path: info.outputPath('state.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await service.getByRole('button', { name: 'Stop' }).click();
    await expect(service.getByRole('status')).toHaveText('Stopped');
  });
});

test('a service is started, looked at and stopped by keyboard alone', async ({ page, granted }) => {
  await signIn(page, granted);
  const keys = new Keyboard(page);
  await keys.start('Services');
  const service = page.getByRole('region', { name: 'Heartbeat' });
  await keys.use(service.getByRole('button', { name: 'Start', exact: true }));
  await expect(service.getByRole('log')).toContainText('beat');
  await keys.tabTo(service.getByRole('tab', { name: 'Log' }));
  await keys.press('ArrowRight');
  await keys.use(service.getByRole('button', { name: 'Tick now' }));
  await expect(service.getByRole('img', { name: /^Pulse: ([2-9]|\d\d+) values/ })).toBeVisible();
  await keys.tabTo(service.getByRole('button', { name: 'Stop' }), 'Shift+Tab');
  await keys.press('Enter');
  await expect(service.getByRole('status')).toHaveText('Stopped');
});

test('the page of a module starts and stops its own service', async ({ page, granted }) => {
  await signIn(page, granted);
  const frame = await openModule(page, 'Heartbeat');
  await frame.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(frame.getByRole('status')).toContainText('running');
  await expect(frame.getByRole('list')).toContainText('beat');
  await frame.getByRole('button', { name: 'Stop' }).click();
  await expect(frame.getByRole('status')).toContainText('stopped');
});
