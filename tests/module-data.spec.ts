/** What modules keep for a person: settings, records, the events between windows, and the page that shows it all. */
import type { Frame } from '@playwright/test';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';
import { type SlowRoad, slowRoad } from './harness/slow-road.ts';
import { violations } from './harness/violations.ts';

/** The way to the server, which a test can cut. */
let road: SlowRoad;
test.beforeEach(async ({ page, server }) => {
  road = await slowRoad(server.url);
  await signIn(page, { ...server, url: road.url });
});
test.afterEach(() => road.close());

const heard = (frame: Frame) => frame.evaluate(() => window.heard.filter(({ type }) => type === 'HANABI_DATA_CHANGED'));

/** Not with the mouse: of two windows one lies over the other. */
const takeOne = (frame: Frame) => frame.getByRole('button', { name: 'One Lantern less' }).dispatchEvent('click');

test('settings are read from the copy of the desktop while the server is out of reach, and say so', async ({
  page,
}) => {
  const frame = await openModule(page, 'probe-data');
  await listen(frame);
  const read = async (key: string) => ask(frame, 'HANABI_GET_SETTING', { key });
  await ask(frame, 'HANABI_SET_SETTING', { key: 'written', value: { deep: ['花火'] } });
  expect((await read('never')).data).toEqual({ key: 'never', value: null });
  road.cut();
  expect((await read('written')).data).toEqual({ key: 'written', value: { deep: ['花火'] }, stale: true });
  expect((await read('never')).data).toEqual({ key: 'never', value: null, stale: true });
  expect((await read('unknown')).error).toMatchObject({ code: 'HANABI-V011' });
  // A write that did not reach the server has failed, here too.
  const refused = await ask(frame, 'HANABI_SET_SETTING', { key: 'written', value: 'lost' });
  expect(refused.error).toMatchObject({ code: 'HANABI-V011' });
  expect((await read('written')).data).toMatchObject({ value: { deep: ['花火'] }, stale: true });
  road.mend();
  expect((await read('written')).data).toEqual({ key: 'written', value: { deep: ['花火'] } });
});

test('a copy is of one user, and goes with the sign-out', async ({ page, server }) => {
  const frame = await openModule(page, 'probe-data');
  await listen(frame);
  await ask(frame, 'HANABI_SET_SETTING', { key: 'secret', value: 1 });
  await page.getByRole('button', { name: /admin/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Name')).toBeVisible();
  const left = await page.evaluate(async () => {
    const open = indexedDB.open('hanabi', 1);
    await new Promise((resolve) => open.addEventListener('success', resolve));
    const count = open.result.transaction('settings').objectStore('settings').count();
    await new Promise((resolve) => count.addEventListener('success', resolve));
    return count.result;
  });
  expect(left).toBe(0);
  await signIn(page, server);
});

test('windows of a module hear of each other’s records, in other tabs too, and of no one else’s', async ({
  page,
  context,
  server,
}) => {
  const writer = await openModule(page, 'probe-data');
  const sibling = await openModule(page, 'probe-data');
  const other = await openModule(page, 'probe-one');
  const tab = await context.newPage();
  await tab.goto(server.url);
  const distant = await openModule(tab, 'probe-data');
  for (const frame of [writer, sibling, other, distant]) await listen(frame);
  const put = await ask(writer, 'HANABI_DATA_PUT', { collection: 'c', id: 'x', data: { n: 1 } });
  expect(put.ok).toBe(true);
  await ask(writer, 'HANABI_DATA_DELETE', { collection: 'c', id: 'x' });
  await ask(writer, 'HANABI_DATA_DELETE', { collection: 'c', id: 'x' });
  const events = [
    { v: 1, type: 'HANABI_DATA_CHANGED', collection: 'c', id: 'x', version: 1 },
    { v: 1, type: 'HANABI_DATA_CHANGED', collection: 'c', id: 'x', version: null },
  ];
  await expect.poll(() => heard(sibling)).toEqual(events);
  await expect.poll(() => heard(distant)).toEqual(events);
  expect(await heard(writer)).toEqual([]);
  expect(await heard(other)).toEqual([]);
});

test('Demo Settings remembers across a reload, and says when it can only remember', async ({ page }) => {
  let frame = await openModule(page, 'Demo Settings');
  await frame.getByLabel('Your name').fill('Hana');
  await frame.getByLabel('Your name').blur();
  await frame.getByRole('radio', { name: 'River' }).check();
  await expect(frame.getByText('Saved.')).toBeVisible();
  for (const part of [page, frame]) expect(await violations(part)).toEqual([]);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  frame = await openModule(page, 'Demo Settings');
  await expect(frame.getByRole('heading', { name: 'Hello, Hana' })).toBeVisible();
  await expect(frame.getByRole('radio', { name: 'River' })).toBeChecked();
  await expect(frame.getByText('The server is out of reach.')).toBeHidden();
  // The page of the module is there; what it asks for is not.
  await page.route('**/api/capabilities/**', (route) => route.abort('connectionrefused'));
  await page.routeWebSocket('**/api/live', (socket) => socket.close());
  await page.reload();
  const again = await openModule(page, 'Demo Settings');
  await expect(again.getByRole('heading', { name: 'Hello, Hana' })).toBeVisible();
  await expect(again.getByText('The server is out of reach.')).toBeVisible();
});

test('what is typed before the settings have come is kept', async ({ page }) => {
  const held: (() => void)[] = [];
  let holding = true;
  await page.routeWebSocket('**/api/live', (desktop) => {
    const server = desktop.connectToServer();
    server.onMessage((message) => {
      const deliver = () => desktop.send(message);
      if (holding && String(message).includes('"value":null')) held.push(deliver);
      else deliver();
    });
  });
  await page.reload();
  const frame = await openModule(page, 'Demo Settings');
  await expect.poll(() => held.length).toBeGreaterThan(0);
  await frame.getByLabel('Words on the card').fill('Early');
  holding = false;
  for (const deliver of held) deliver();
  await frame.getByLabel('Words on the card').blur();
  await expect(frame.getByText('Saved.')).toBeVisible();
  await expect(frame.getByText('Early', { exact: true }).first()).toBeVisible();
  await frame.getByRole('button', { name: 'Forget all' }).click();
  await expect(frame.getByText('Forgotten.')).toBeVisible();
});

test('Inventory Tracker keeps articles, finds what runs low, and loses no step of two windows', async ({ page }) => {
  const frame = await openModule(page, 'Inventory Tracker');
  await expect(frame.getByText('Nothing here yet.')).toBeVisible();
  const add = async (name: string, category: string, quantity: number, minimum: number) => {
    await frame.getByLabel('Name', { exact: true }).fill(name);
    await frame.getByLabel('Category', { exact: true }).last().fill(category);
    await frame.getByLabel('Quantity').fill(String(quantity));
    await frame.getByLabel('Low at').fill(String(minimum));
    await frame.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(frame.getByText(`${name} is saved.`)).toBeVisible();
  };
  await add('Lantern', 'Light', 5, 4);
  await add('Rope <b>', 'Camp', 9, 1);
  await expect(frame.getByRole('rowheader', { name: 'Rope <b>' })).toBeVisible();
  for (const part of [page, frame]) expect(await violations(part)).toEqual([]);
  const second = await openModule(page, 'Inventory Tracker');
  await expect(second.getByRole('row')).toHaveCount(3);
  await takeOne(second);
  await expect(second.getByRole('rowheader', { name: 'Lantern low' })).toBeVisible();
  await expect(frame.getByRole('rowheader', { name: 'Lantern low' })).toBeVisible();
  await Promise.all([takeOne(frame), takeOne(second)]);
  await expect(frame.getByRole('row', { name: /Lantern/ }).getByRole('status')).toHaveText('2');
  await second.getByLabel('Only what runs low').check();
  await expect(second.getByRole('row')).toHaveCount(2);

  await startProgram(page, 'Module Data');
  const kept = page.getByRole('dialog', { name: 'Module Data' });
  await kept.getByRole('button', { name: 'Browse what Inventory Tracker keeps' }).click();
  await kept.getByRole('button', { name: /items 2 records/ }).click();
  await expect(kept.getByText('"Lantern"')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await kept.getByRole('button', { name: 'All modules' }).click();
  expect(await violations(page)).toEqual([]);
  const download = page.waitForEvent('download');
  await kept.getByRole('link', { name: 'Export what Inventory Tracker keeps as JSON' }).click();
  expect((await download).suggestedFilename()).toBe('inventory-tracker.json');
  await kept.getByRole('button', { name: 'Delete all that Inventory Tracker keeps' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(kept.getByText('Inventory Tracker')).toBeHidden();
});
