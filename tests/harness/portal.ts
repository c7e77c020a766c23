/** What the tests of publishing and of the debugger do alike. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { ModuleWish } from '../../apps/server/test/harness/make-module.ts';
import { packageOf } from '../../apps/server/test/harness/publishing.ts';
import type { RunningServer } from '../../apps/server/test/harness/start-server.ts';
import { expect, startProgram } from './house.ts';

/** A package on the disk of the person's computer. */
export async function packageFile(wish: ModuleWish): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hanabi-e2e-package-'));
  const path = join(folder, `${wish.id}.zip`);
  await writeFile(path, await packageOf(wish));
  return path;
}

export async function openTool(page: Page, name: string): Promise<Locator> {
  await startProgram(page, name);
  return page.getByRole('dialog', { name, exact: true });
}

/** Somebody whose name is the password. */
export async function signInAs(page: Page, server: RunningServer, name: string): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
}
