/** One desktop for many attempts: none of them leaves its page, so that each can be tried where the one before it was. */
import type { BrowserContext, Frame, Page } from '@playwright/test';
import { enter, openEvil, takeStage, test as base } from './house.ts';
import { ordinaryBrowser } from './ordinary-browser.ts';

export { expect } from './house.ts';

export interface Scene {
  context: BrowserContext;
  desktop: Page;
  /** The page of the evil module. */
  evil: Frame;
  /** The page without walls. */
  stage: Frame;
}

export const test = base.extend<object, { scene: Scene }>({
  scene: [
    async ({ launchOptions, house, theatre }, use) => {
      const { context, close } = await ordinaryBrowser(launchOptions);
      const desktop = await enter(context, house);
      await use({ context, desktop, evil: await openEvil(desktop), stage: await takeStage(context, theatre) });
      await close();
    },
    { scope: 'worker' },
  ],
});
