/** What a machine can check of the rules of accessibility. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, type Frame, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  run(context: Document | string, options: object): Promise<AxeResults>;
}

/**
 * The rules that a page, or the page in a frame, breaks now, each with where: all rules, or the one that is named; all of
 * the page, or what the selector `within` finds. Frames inside it are not looked into.
 */
export async function violations(page: Page | Frame, rule?: 'color-contrast', within?: string): Promise<string[]> {
  // Evaluated, not injected: the policy of the desktop lets no foreign script in.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const options = { iframes: false, ...(rule && { runOnly: [rule] }) };
  const { violations: found } = await page.evaluate(
    ([how, where]) => (globalThis as unknown as { axe: Axe }).axe.run(where ?? document, how),
    [options, within] as const,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** The same of a page that is seen in light, and its contrast in dark and in forced colours: looks change colours only. */
export async function violationsInEachLook(page: Page): Promise<string[]> {
  const found = await violations(page);
  await showIn(page, 'dark');
  for (const broken of await violations(page, 'color-contrast')) found.push(`in dark: ${broken}`);
  await showIn(page, 'light');
  await page.emulateMedia({ forcedColors: 'active' });
  for (const broken of await violations(page, 'color-contrast')) found.push(`in forced colours: ${broken}`);
  await page.emulateMedia({ forcedColors: 'none' });
  return found;
}

async function showIn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
}
