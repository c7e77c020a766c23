/** No page of the desktop breaks a rule that a machine can check, in light, dark and on a phone. */
import { expect, inEachView, openModule, signIn, startProgram, test } from './harness/house.ts';
import { listen } from './harness/probe-client.ts';
import { violationsInEachLook } from './harness/violations.ts';

inEachView(() => {
  test('sign-in, desktop, Start menu, Explorer, a module and its question are accessible', async ({ page, server }) => {
    await page.goto(server.url);
    await expect(page.getByLabel('Name')).toBeVisible();
    expect(await violationsInEachLook(page)).toEqual([]);
    await signIn(page, server);
    expect(await violationsInEachLook(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('combobox', { name: 'Search programs' }).fill('File');
    await expect(page.getByRole('option', { name: 'File Explorer', selected: true })).toBeVisible();
    expect(await violationsInEachLook(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: /File Explorer/ })).toBeVisible();
    expect(await violationsInEachLook(page)).toEqual([]);
    // The same folder twice: no two landmarks have one name, and neither have the windows.
    await startProgram(page, 'File Explorer');
    await expect(page.getByRole('dialog', { name: 'My files – File Explorer (2)' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'My files (2)' })).toBeVisible();
    expect(await violationsInEachLook(page)).toEqual([]);
    await openModule(page, 'Capability Demo');
    expect(await violationsInEachLook(page)).toEqual([]);
    const frame = await openModule(page, 'probe-one');
    await listen(frame);
    await frame.evaluate(() => {
      void window.ask('HANABI_PICK_FILE', { scope: 'user' });
    });
    const dialog = page.getByRole('dialog', { name: 'probe-one asks for a file' });
    await expect(dialog.getByRole('option').first()).toBeVisible();
    expect(await violationsInEachLook(page)).toEqual([]);
  });
});
