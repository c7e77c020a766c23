/** The chooser of the browser, which Playwright takes the place of. */
import type { Locator, Page } from '@playwright/test';

type Files = Parameters<Locator['setInputFiles']>[0];

/** Does what opens it, and chooses these files. */
export async function chooseFiles(page: Page, open: () => Promise<void>, files: Files): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  // The browser is asked for the event and nobody waits for its answer: a key can be there before.
  await page.evaluate(() => undefined);
  await open();
  await (await choosing).setFiles(files);
}
