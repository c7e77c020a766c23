/** A module's page that leads itself, or the desktop, to another place. Nobody there hears of it, and the desktop stays. */
import { attempt, expect, test } from './house.ts';
import { listenForAnything } from './listener.ts';
import { MOVES } from './module/moves.ts';

for (const name of Object.keys(MOVES)) {
  test(`${name} leads nowhere`, async ({ evil, stage, house, desktop }) => {
    const [silent, control] = [await listenForAnything(), await listenForAnything()];
    await attempt(evil, name, `${silent.url}/evil`);
    await attempt(stage, name, `${control.url}/control`);
    await expect.poll(() => control.heard).not.toEqual([]);
    expect(silent.heard).toEqual([]);
    expect(desktop.url()).toBe(`${house.server.url}/`);
    await expect(desktop.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
    await silent.close();
    await control.close();
  });
}
