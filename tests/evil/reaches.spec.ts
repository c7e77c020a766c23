/**
 * What a module's page could lay hands on in its browser, with every permission of the browser given to the desktop. All
 * of it is refused to the page, and given to one without walls, where a browser without a screen has it to give.
 */
import type { Frame } from '@playwright/test';
import { REACHES } from './module/reaches.ts';
import { expect, test } from './scene.ts';

const GIVEN = ['clipboard-read', 'clipboard-write', 'geolocation', 'camera', 'microphone'];

/** As if the person had just clicked into the page. */
async function reach(frame: Frame, name: string): Promise<string> {
  await frame.page().bringToFront();
  await frame.locator('body').click();
  return frame.evaluate((what) => window.reach(what), name);
}

for (const name of Object.keys(REACHES)) {
  test(`${name}: refused`, async ({ scene, house, theatre }) => {
    const { context } = scene;
    for (const origin of [house.server.url, theatre.url]) await context.grantPermissions(GIVEN, { origin });
    await context.grantPermissions([...GIVEN, 'notifications'], { origin: theatre.url });
    await context.setGeolocation({ latitude: 1, longitude: 1 });
    expect(await reach(scene.stage, name)).toBe('got');
    expect(await reach(scene.evil, name)).toMatch(/^refused/);
  });
}
