/**
 * Every channel out of a module's page, one by one. A listener of its own hears nothing, not even a connection, and the
 * server gets no request; the same attempt from a page without walls, begun later, has arrived by then.
 */
import { attempt } from './house.ts';
import { listenForAnything } from './listener.ts';
import { CHANNELS, CONNECTIONS, OF_ONE_ORIGIN } from './module/channels.ts';
import { expect, test } from './scene.ts';

export function reachesNobody(): void {
  for (const name of Object.keys({ ...CHANNELS, ...CONNECTIONS })) {
    test(`somebody by ${name}`, async ({ scene }) => {
      const [silent, control] = [await listenForAnything(), await listenForAnything()];
      await attempt(scene.evil, name, `${silent.url}/evil`);
      await attempt(scene.stage, name, `${control.url}/control`);
      await expect.poll(() => control.heard).not.toEqual([]);
      expect(silent.heard).toEqual([]);
      await silent.close();
      await control.close();
    });
  }

  for (const name of Object.keys({ ...CHANNELS, ...OF_ONE_ORIGIN })) {
    test(`the server by ${name}`, async ({ scene, house, theatre }) => {
      const { road, server } = house;
      const [travelled, heard] = [road.travelled.length, theatre.heard.length];
      await attempt(scene.evil, name, `${road.url}/api/session/evil`);
      // What knows no other origin can only arrive at the one that the stage is of.
      const [control, arrived] =
        name in CHANNELS
          ? [road.url, () => road.travelled.slice(travelled)]
          : [theatre.url, () => theatre.heard.slice(heard)];
      await attempt(scene.stage, name, `${control}/api/session/control`);
      await expect.poll(() => arrived().join('\n')).toContain('/control');
      expect(road.travelled.slice(travelled).join('\n')).not.toContain('/evil');
      // Whatever was tried, the desktop stands where it stood.
      expect(scene.desktop.url()).toBe(`${server.url}/`);
      await expect(scene.desktop.getByText('was stopped')).toHaveCount(0);
    });
  }
}
