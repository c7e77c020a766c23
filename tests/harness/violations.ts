/** What a machine can check of the rules of accessibility. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Frame, Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The rules that a page, or the page in a frame, breaks now, each with where: all rules, or the one that is named. Frames
 * inside it are not looked into.
 */
export async function violations(page: Page | Frame, rule?: 'color-contrast'): Promise<string[]> {
  // Evaluated, not injected: the policy of the desktop lets no foreign script in.
  await page.evaluate(axe);
  const options = { iframes: false, ...(rule && { runOnly: [rule] }) };
  const { violations: found } = await page.evaluate(
    (how) => (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(how),
    options,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}
