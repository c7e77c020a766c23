/** No page of the desktop breaks a rule that a machine can check, in light, dark and on a phone. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { expect, openModule, signIn, test } from './harness/house.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page: Page): Promise<string[]> {
  // Evaluated, not injected: the policy of the desktop lets no foreign script in.
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ iframes: false }),
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

const VIEWS = [
  { name: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const;

for (const { name, ...view } of VIEWS) {
  test.describe(name, () => {
    // Half transparent in the middle of fading in, everything has too little contrast.
    test.use({ ...view, contextOptions: { reducedMotion: 'reduce' } });

    test('sign-in, desktop, Start menu, Explorer and a module are accessible', async ({ page, server }) => {
      await page.goto(server.url);
      await expect(page.getByLabel('Name')).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await signIn(page, server);
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByRole('combobox', { name: 'Search programs' }).fill('File');
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog', { name: /File Explorer/ })).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await openModule(page, 'Capability Demo');
      expect(await violations(page)).toEqual([]);
    });
  });
}
